package dev.fuselage;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The walls of docs/architecture.md: who may import whom, and behind which door a library stays.
 */
@AnalyzeClasses(
    packages = ArchitectureTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  static final String ROOT = "dev.fuselage";

  /** From the top down; the empty name is the root package. */
  private static final List<String> FLOORS =
      List.of(
          "",
          "cli",
          "grpc",
          "kubernetes",
          "observability",
          "owners",
          "install",
          "containerd",
          "cleanup",
          "overlay",
          "metadata",
          "tracing",
          "admin",
          "snapshot",
          "channel",
          "posix");

  /** What each library's packages are called, and the packages of ours that may know them. */
  private static final Map<String, Set<String>> DOORS =
      Map.ofEntries(
          Map.entry("org.rocksdb", Set.of("metadata")),
          Map.entry("dev.fuselage.metadata.proto", Set.of("metadata")),
          Map.entry("io.fabric8", Set.of("kubernetes")),
          Map.entry("com.cronutils", Set.of("kubernetes")),
          Map.entry("io.grpc", Set.of("grpc", "containerd", "tracing", "channel")),
          Map.entry("io.opentelemetry", Set.of("tracing")),
          Map.entry("io.netty", Set.of("grpc", "channel")),
          Map.entry("dev.fuselage.containerd.proto", Set.of("containerd")),
          Map.entry("dev.fuselage.grpc.proto", Set.of("grpc")),
          Map.entry("dev.fuselage.grpc.admin.proto", Set.of("grpc")),
          Map.entry("com.google.protobuf", Set.of("containerd", "grpc", "metadata")),
          Map.entry("java.lang.foreign", Set.of("posix")),
          Map.entry("picocli", Set.of("cli")),
          Map.entry("com.fasterxml.jackson", Set.of("cli", "install", "observability")),
          Map.entry("org.yaml.snakeyaml", Set.of("cli")),
          Map.entry("io.micrometer", Set.of("observability")),
          Map.entry("io.prometheus", Set.of("observability")),
          Map.entry("com.sun.net.httpserver", Set.of("observability")),
          Map.entry("jakarta", Set.of("", "observability")),
          Map.entry("io.quarkus", Set.of("", "observability")),
          Map.entry("io.smallrye.config", Set.of("", "observability")),
          Map.entry("com.google.re2j", Set.of("snapshot")));

  @ArchTest
  static final ArchRule arrowsPointDownwards =
      classes()
          .that(are(handWritten()))
          .should(
              new ArchCondition<>("depend on packages below their own only") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                  item.getDirectDependenciesFromSelf().stream()
                      .filter(dependency -> ours(dependency.getTargetClass()))
                      .filter(dependency -> floor(item) > floor(dependency.getTargetClass()))
                      .forEach(
                          dependency ->
                              events.add(
                                  SimpleConditionEvent.violated(
                                      item, dependency.getDescription())));
                }
              });

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule libcIsCalledByThoseWhoOwnDirectoriesAlone =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT, ROOT + ".overlay", ROOT + ".cleanup", ROOT + ".posix")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".posix..");

  @ArchTest
  static final ArchRule theDomainKnowsNoFramework =
      classes()
          .that()
          .resideInAPackage(ROOT + ".snapshot..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  ROOT + ".snapshot..",
                  "java..",
                  "org.jspecify.annotations..",
                  "com.google.re2j.."));

  @ArchTest
  static void librariesStayBehindTheirDoors(JavaClasses imported) {
    assertThat(imported.stream().filter(handWritten()).flatMap(ArchitectureTest::crossings))
        .extracting(Dependency::getDescription)
        .isEmpty();
  }

  /** Else a library that is renamed or gone would leave a door that guards nothing. */
  @ArchTest
  static void behindEachDoorIsTheLibraryThatItIsFor(JavaClasses imported) {
    Set<String> used =
        imported.stream()
            .filter(handWritten())
            .flatMap(ours -> ours.getDirectDependenciesFromSelf().stream())
            .map(dependency -> dependency.getTargetClass().getPackageName())
            .collect(Collectors.toSet());

    assertThat(DOORS.keySet())
        .allSatisfy(library -> assertThat(used).anyMatch(name -> within(library, name)));
  }

  @ArchTest
  static void everyPackageIsNonNullByDefault(JavaClasses imported) {
    assertThat(
            imported.stream()
                .filter(handWritten())
                .map(JavaClass::getPackage)
                .distinct()
                .filter(ours -> !ours.isAnnotatedWith(NullMarked.class)))
        .extracting(JavaPackage::getName)
        .isEmpty();
  }

  /** A new package needs a place in the order before it may import anything. */
  @ArchTest
  static void everyPackageHasItsFloor(JavaClasses imported) {
    assertThat(imported.stream().filter(handWritten()).map(ArchitectureTest::ownName).distinct())
        .isSubsetOf(FLOORS);
  }

  private static Stream<Dependency> crossings(JavaClass ours) {
    return ours.getDirectDependenciesFromSelf().stream()
        .filter(
            dependency ->
                DOORS.entrySet().stream()
                    .anyMatch(
                        door ->
                            within(door.getKey(), dependency.getTargetClass().getPackageName())
                                && !door.getValue().contains(ownName(ours))));
  }

  private static boolean within(String parent, String name) {
    return name.equals(parent) || name.startsWith(parent + ".");
  }

  private static DescribedPredicate<JavaClass> handWritten() {
    return describe(
        "hand-written", item -> ours(item) && !item.getPackageName().endsWith(".proto"));
  }

  private static boolean ours(JavaClass item) {
    return within(ROOT, item.getPackageName());
  }

  /**
   * Below the root package, which is the empty name; the generated messages belong to their door.
   */
  private static String ownName(JavaClass item) {
    String below = item.getPackageName().substring(ROOT.length());
    return below.isEmpty() ? below : below.substring(1).split("\\.", 2)[0];
  }

  private static int floor(JavaClass item) {
    return FLOORS.indexOf(ownName(item));
  }
}
