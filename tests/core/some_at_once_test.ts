import assert from "node:assert/strict";
import fc from "fast-check";
import { someAtOnce } from "../../lib/core/some_at_once.ts";

Deno.test("items are begun in order, so many at a time, and none after a failure; all end before it is told", () =>
  fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.nat(12),
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.nat(12), { nil: undefined }),
      async (scheduler, count, most, failing) => {
        const begun: number[] = [], ended: number[] = [];
        let failedAfter: number | undefined;
        const items = Array.from({ length: count }, (_, item) => item);
        const working = someAtOnce(items, most, async (item) => {
          assert.ok(begun.length - ended.length < most);
          begun.push(item);
          await scheduler.schedule(Promise.resolve());
          ended.push(item);
          if (item !== failing) return;
          failedAfter = begun.length;
          throw new Error(`item ${item}`);
        });
        const end = working.then(() => undefined, (error) => error.message);
        await scheduler.waitFor(end);
        const isFailing = failing !== undefined && failing < count;
        assert.equal(await end, isFailing ? `item ${failing}` : undefined);
        assert.deepEqual(begun, items.slice(0, failedAfter ?? count));
        assert.deepEqual(ended.toSorted((a, b) => a - b), begun);
      },
    ),
  ));
