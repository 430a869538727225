/** How much a piece of work takes, whatever else the machine is busy with. */

/** @returns How long this thread has worked since, in milliseconds; waiting does not count. */
export function stopwatch(): () => number {
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
}
