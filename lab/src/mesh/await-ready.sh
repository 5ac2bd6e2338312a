#!/bin/bash
# Asks http://127.0.0.1:PORT/readyz every PAUSE seconds until it answers 200, for SECONDS at most.
# One shell that starts nothing: what ten daemons' curls, or sleeps, take is missing to the daemons on an emulated processor.
#
#   await-ready.sh PORT PAUSE SECONDS     exit code 1 and the last answer when it did not come to that
port=$1 pause=$2 limit=$3 answer=("no answer at port $1")
exec {silence}<> <(:) # a pipe that nobody writes to: reading it with a time limit is a sleep
while ((SECONDS <= limit)); do
  if { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; then
    printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
    read -r -t 10 _ status _ <&3
    [ "$status" = 200 ] && exit 0
    answer=()
    while read -r -t 10 line <&3; do answer+=("$line"); done
    exec 3>&-
  fi
  read -r -t "$pause" -u "$silence"
done
printf '%s\n' "${answer[@]}"
exit 1
