# usage: second_process.sh BDF. In the guest: two `phasebit perf` at one drive, each killed in turn. Prints for each that ended by itself
# `== NAME CODE SECONDS`, its stdout, `--`, its stderr.
mkdir -p /var/run /dev/hugepages
mount -t hugetlbfs none /dev/hugepages
shared="--device $1 --file-prefix=two"

begin() {  # begin NAME TYPE OPTION...
  name=$1
  type=$2
  shift 2
  phasebit perf $shared --proc-type=$type -q 4 --json "$@" >/tmp/$name.out 2>/tmp/$name.err &
  pid=$!
}
# A process that is killed while EAL starts may take EAL's own locks along; with VFIO's file of the drive it has left that behind.
reads() {
  until ls -l /proc/$1/fd | grep -q vfio-device; do sleep 0.1; done
  sleep 2
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

begin first primary -t 300
first=$pid
reads $first
begin beside secondary -t 2
ended beside $pid

# More of them than the primary has queues to grant.
for i in 1 2 3 4; do
  begin victim auto -t 300
  reads $pid
  killed $pid
done
begin after_victims auto -t 1
ended after_victims $pid

phasebit identify $shared --proc-type=auto >/tmp/identify.out 2>/tmp/identify.err &
ended identify $!
begin sleeper auto -t 1 --interrupts
ended sleeper $pid

# Stopped, not dead: the other must not wait for it, and it must come to itself again.
begin stuck auto -t 300
stuck=$pid
reads $stuck
kill -STOP $first
ended stuck $stuck
kill -CONT $first
sleep 3
begin after_stuck secondary -t 1
ended after_stuck $pid

begin orphan auto -t 300
orphan=$pid
reads $orphan
killed $first
ended orphan $orphan

begin anew auto -t 6
anew=$pid
reads $anew
begin left auto -t 300
left=$pid
ended anew $anew
ended left $left

ls /dev/hugepages >/tmp/pages.out 2>/tmp/pages.err &
ended pages $!
phasebit hello $shared --proc-type=primary >/dev/null 2>&1
ls /dev/hugepages >/tmp/pages_afterwards.out 2>/tmp/pages_afterwards.err &
ended pages_afterwards $!
grep HugePages_ /proc/meminfo >&2
ls /dev/hugepages /var/run/dpdk/two >&2
cat /tmp/first.err >&2
