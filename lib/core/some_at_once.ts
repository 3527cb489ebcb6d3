/** Work on many items, some at a time. */

/**
 * Works on items in their order, `most` at a time. After one that fails none begins; ends when none
 * is worked on, and throws what the first that failed threw.
 */
export async function someAtOnce<T>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  const worker = async () => {
    try {
      while (queue.length > 0) await work(queue.pop()!);
    } catch (error) {
      queue.length = 0;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: most }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
