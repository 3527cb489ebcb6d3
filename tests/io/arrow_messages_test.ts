import assert from "node:assert/strict";
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { InputError } from "../../lib/core/errors.ts";
import { checkedArrow } from "../../lib/io/rows/arrow_messages.ts";

const fixture = Deno.readFileSync(new URL("../fixtures/io/types.arrow", import.meta.url));

/** What is passed on of some bytes that come in chunks of `size`. */
async function passed(bytes: Uint8Array, size = 1000): Promise<Uint8Array> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield await bytes.subarray(at, at + size);
  }
  const parts: number[] = [];
  for await (const part of checkedArrow("x.arrow", chunks())) parts.push(...part);
  return new Uint8Array(parts);
}

Deno.test("a sound stream is passed on byte for byte, however its chunks are cut", async () => {
  for (const size of [1, 7, 64, 1 << 20]) {
    assert.deepEqual(await passed(fixture, size), fixture);
  }
});

const table = tableFromArrays({ id: ["a", "b"], n: [1, 2] });
const file = tableToIPC(table, "file");

Deno.test("a sound file in the file format is passed on byte for byte", async () => {
  assert.deepEqual(await passed(file), file);
  assert.deepEqual(tableFromIPC(await passed(file)).toString(), table.toString());
});

Deno.test("a stream cut at any byte is refused, but for the end of a message", async () => {
  let whole = 0;
  for (let at = 0; at < fixture.length; at++) {
    await passed(fixture.subarray(0, at)).then(() => whole++, (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /^x\.arrow: not a sound Arrow stream file: it is cut short$/);
    });
  }
  assert.ok(whole <= 5, `${whole} were passed on`);
});

Deno.test("any bytes are passed on or refused in one line, whatever lengths they claim", async () => {
  const change = fc.record({
    at: fc.nat(),
    put: fc.constantFrom(0, 1, 0x7fffffff, -1, -0x80000000, 1 << 20, 64),
  });
  const sound = fc.constantFrom(fixture, file);
  await fc.assert(
    fc.asyncProperty(
      sound,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (of, changes) => {
        const bytes = of.slice();
        for (const { at, put } of changes) {
          new DataView(bytes.buffer).setInt32(at % (bytes.length - 4), put, true);
        }
        await passed(bytes).catch((error) => {
          assert.ok(error instanceof InputError, String(error));
          assert.match(error.message, /^x\.arrow: not a sound Arrow stream file: [^\n]+$/);
        });
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("more rows than a body has bits are refused", async () => {
  const bytes = fixture.slice();
  const view = new DataView(bytes.buffer);
  // The first batch's number of rows is the only 2 that stands as 64 bits in its metadata's head.
  const batch = 1336;
  let at = batch;
  while (view.getBigInt64(at, true) !== 2n) at += 8;
  view.setBigInt64(at, 1n << 40n, true);
  await assert.rejects(passed(bytes), /1099511627776 values in 336 bytes/);
});
