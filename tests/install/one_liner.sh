# one_liner.sh SOURCE PROGRAM STORE: compiles, links by pkg-config alone, runs.
set -e
$CXX -std=c++20 "$1" -o "$2" $(pkg-config --static --cflags --libs muster)
"$2" "$3"
