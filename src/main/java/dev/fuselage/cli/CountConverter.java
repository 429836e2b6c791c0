package dev.fuselage.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how many of something are wanted, from none on. */
final class CountConverter implements ITypeConverter<Integer> {
  private static final Pattern COUNT = Pattern.compile("\\d{1,9}");

  @Override
  public Integer convert(String text) {
    if (!COUNT.matcher(text).matches()) {
      throw new TypeConversionException("'" + text + "' is not a number such as 10");
    }
    return Integer.valueOf(text);
  }
}
