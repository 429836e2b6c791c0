/*
 * Starts Fuselage where there is no shell to do it, in a container image: becomes the Java runtime
 * beside it, with the flags that the distribution is measured with. It knows the variables of the
 * script bin/fuselage but those that look for a Java.
 *
 *   FUSELAGE_CONFIG     a YAML or properties file with settings, /etc/fuselage/fuselage.yaml if unset
 *   FUSELAGE_JAVA_OPTS  more flags for `fuselage serve`; what they say goes over what is set here
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAILED = 1, BAD_CONFIGURATION = 78, OWN_ARGUMENTS = 8 };

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "fuselage: %s: %s\n", what, strerror(errno));
  exit(FAILED);
}

static char *joined(const char *before, const char *home, const char *below) {
  char *result;
  if (asprintf(&result, "%s%s%s", before, home, below) < 0) {
    fail("no memory");
  }
  return result;
}

/* The directory that bin/fuselage is in, whatever link it was started by. */
static char *distribution(void) {
  static char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) {
    fail("/proc/self/exe can't be read");
  }
  self[length] = '\0';
  return dirname(dirname(self));
}

int main(int count, char **given) {
  const char *settings = getenv("FUSELAGE_CONFIG");
  if (settings != NULL && *settings != '\0' && access(settings, R_OK) != 0) {
    fprintf(stderr,
            "fuselage: the settings in FUSELAGE_CONFIG=%s can't be read: does the file exist?\n",
            settings);
    return BAD_CONFIGURATION;
  }

  const char *home = distribution();
  /* The options of a daemon must not reach a command run beside it: think of a debugger's port. */
  int serving = count > 1 && strcmp(given[1], "serve") == 0;
  const char *options = serving ? getenv("FUSELAGE_JAVA_OPTS") : NULL;
  char *words = strdup(options == NULL ? "" : options);
  char **arguments = words == NULL ? NULL
                                   : calloc(OWN_ARGUMENTS + strlen(words) + (size_t)count + 1,
                                            sizeof *arguments);
  if (arguments == NULL) {
    fail("no memory");
  }

  size_t next = 0;
  char *java = joined("", home, "/runtime/bin/java");
  arguments[next++] = java;
  arguments[next++] = joined("@", home, "/lib/all.options");
  arguments[next++] = joined("@", home, serving ? "/lib/serve.options" : "/lib/command.options");
  char *cache = joined("", home, "/lib/fuselage.aot");
  if (access(cache, R_OK) == 0 && strstr(words, "-XX:AOTCacheOutput=") == NULL) {
    arguments[next++] = joined("-XX:AOTCache=", cache, "");
  }
  arguments[next++] = joined("-Djava.library.path=", home, "/lib/native");
  for (char *word = strtok(words, " \t\n"); word != NULL; word = strtok(NULL, " \t\n")) {
    arguments[next++] = word;
  }
  arguments[next++] = "-jar";
  arguments[next++] = joined("", home, "/lib/quarkus-run.jar");
  for (int index = 1; index < count; index++) {
    arguments[next++] = given[index];
  }

  /* RocksDB's and Netty's threads would each get an arena of malloc's own. */
  setenv("MALLOC_ARENA_MAX", "2", 0);
  execv(java, arguments);
  fail(java);
}
