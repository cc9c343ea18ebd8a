# usage: second_process.sh BDF. In the guest: two `phasebit perf` at one drive, each killed in turn. Prints for each that ended by itself
# `== NAME CODE SECONDS`, its stdout, `--`, its stderr.
mkdir -p /var/run /dev/hugepages
mount -t hugetlbfs none /dev/hugepages
shared="--device $1 --proc-type=auto --file-prefix=two"

begin() {
  name=$1
  shift
  phasebit perf $shared -q 4 --json "$@" >/tmp/$name.out 2>/tmp/$name.err &
  pid=$!
}
seconds() { cut -d. -f1 /proc/uptime; }
ended() {
  since=$(seconds)
  wait $2
  code=$?
  echo "== $1 $code $(($(seconds) - since))"
  cat /tmp/$1.out
  echo "--"
  cat /tmp/$1.err
}
killed() {
  kill -9 $1
  wait $1
}

begin first -t 300
first=$pid
sleep 4
begin beside -t 2
ended beside $pid

# More of them than the primary has queues to grant.
for i in 1 2 3 4; do
  begin victim -t 300
  sleep 2
  killed $pid
done
begin after_victims -t 1
ended after_victims $pid

phasebit identify $shared >/tmp/identify.out 2>/tmp/identify.err &
ended identify $!
begin sleeper -t 1 --interrupts
ended sleeper $pid

# Stopped, not dead: the other must not wait for it, and it must come to itself again.
begin stuck -t 300
stuck=$pid
sleep 2
kill -STOP $first
ended stuck $stuck
kill -CONT $first
sleep 3
begin after_stuck -t 1
ended after_stuck $pid

begin orphan -t 300
orphan=$pid
sleep 3
killed $first
ended orphan $orphan

begin anew -t 4
anew=$pid
sleep 3
begin left -t 300
left=$pid
ended anew $anew
ended left $left
grep HugePages_ /proc/meminfo >&2
ls /dev/hugepages /var/run/dpdk/two >&2
cat /tmp/first.err >&2
