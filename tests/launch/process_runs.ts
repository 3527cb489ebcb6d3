/** Whether a process runs; one that has ended and waits to be reaped does not. */
export function processRuns(pid: number): boolean {
  try {
    return !Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z ");
  } catch {
    return false;
  }
}
