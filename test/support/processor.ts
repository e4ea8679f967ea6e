/** The processor time that this takes, in milliseconds: unlike that of the clock it is the same beside whatever else runs. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
