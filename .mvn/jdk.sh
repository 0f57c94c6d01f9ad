# Finds a JDK 25 or newer for the launchers: `. .mvn/jdk.sh && find_jdk` sets $jdk, or returns 1. POSIX sh.

# True if $1 is the folder of a JDK 25 or newer.
is_jdk() {
    [ -x "$1/bin/javac" ] && [ -x "$1/bin/java" ] || return 1
    version=
    [ ! -r "$1/release" ] || version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    [ -n "$version" ] || version=$("$1/bin/javac" -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')
    [ "$version" -ge 25 ] 2>/dev/null
}

jdk_on_path() {
    java=$(command -v java) || return 0
    while [ -L "$java" ]; do
        link=$(readlink "$java")
        case $link in
            /*) java=$link ;;
            *) java=$(dirname "$java")/$link ;;
        esac
    done
    dirname "$(dirname "$java")"
}

find_jdk() {
    for jdk in "${JAVA_HOME:-}" "$(jdk_on_path)" "${JAVA25_HOME:-}" \
            /usr/lib/jvm/* /usr/java/* /opt/java/* \
            "${HOME:-}"/.jdks/* "${HOME:-}"/.sdkman/candidates/java/* \
            /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
            /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        is_jdk "$jdk" && return 0
    done
    return 1
}

# What to say when there is none.
no_jdk="needs a JDK 25 or newer, and found none in JAVA_HOME, on PATH or in the usual folders such as \
/usr/lib/jvm, ~/.sdkman and ~/.jdks: install one (https://adoptium.net) or set JAVA_HOME to its folder"
