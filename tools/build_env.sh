# Sourced by run.sh, test.sh and .ci/run: what every build of this tree shares.

# Two clones of the same source share one compiler cache: paths inside the tree are hashed relative to it.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

# build_preset PRESET [TARGET...]: configures when there is no build directory yet, then builds; quiet when all is done.
build_preset() (
  set -o pipefail
  preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    mkdir -p "build/$preset"
    log=build/$preset/configure.log
    if ! cmake --preset "$preset" >"$log" 2>&1; then
      tail -n 40 "$log" >&2
      echo "configuring the $preset preset failed; the whole log is in $log" >&2
      return 1
    fi
  fi
  # A person at a terminal sees ninja's progress, a log does not.
  quiet=--quiet
  [ ! -t 1 ] || quiet=
  ninja -C "build/$preset" $quiet "$@" | { grep --line-buffered -v '^ninja: no work to do' || true; }
)
