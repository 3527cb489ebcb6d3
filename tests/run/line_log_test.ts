import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { LineLog, type LinePlace } from "../../lib/run/line_log.ts";
import { SyncGroup } from "../../lib/run/sync_group.ts";
import { FragileDisk } from "./fragile_disk.ts";

function inFolder(test: (path: string) => void) {
  const folder = Deno.makeTempDirSync();
  try {
    test(join(folder, "log.jsonl"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const texts = fc.array(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).map(JSON.stringify),
  {
    maxLength: 20,
  },
);
const decoder = new TextDecoder();

function loaded(log: LineLog): { lines: string[]; places: LinePlace[]; torn: number } {
  const lines: string[] = [], places: LinePlace[] = [];
  const { torn } = log.load((text, place) => {
    lines.push(text);
    places.push(place);
    return true;
  });
  return { lines, places, torn };
}

Deno.test("whatever the byte at which a crash tore the file, the whole lines before it are read", () =>
  inFolder((path) =>
    fc.assert(
      fc.property(texts, fc.nat(), (lines, cut) => {
        const bytes = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
        const at = bytes.length === 0 ? 0 : cut % (bytes.length + 1);
        Deno.writeFileSync(path, bytes.subarray(0, at));
        const whole = decoder.decode(bytes.subarray(0, at)).split("\n").slice(0, -1);
        const log = LineLog.open(path);
        const { lines: read, torn } = loaded(log);
        const size = new TextEncoder().encode(whole.map((line) => line + "\n").join("")).length;
        log.append('"next"');
        log.close();
        assert.deepEqual(read, whole);
        assert.equal(torn, at - size);
        assert.equal(
          Deno.readTextFileSync(path),
          [...whole, '"next"'].map((line) => line + "\n").join(""),
        );
      }),
      { numRuns: 200 },
    )
  ));

Deno.test("lines are read at their places and rewritten in any order", () =>
  inFolder((path) =>
    fc.assert(
      fc.property(texts, fc.infiniteStream(fc.nat()), (lines, order) => {
        Deno.writeTextFileSync(path, "");
        const log = LineLog.open(path);
        const places = lines.map((line) => log.append(line));
        places.forEach((place, i) =>
          assert.equal(decoder.decode(log.read(place)), `${lines[i]}\n`)
        );
        const shuffled = lines.map((line, i) => ({
          line,
          place: places[i]!,
          at: order.next().value!,
        }))
          .sort((a, b) => a.at - b.at);
        log.rewrite(shuffled.map(({ place }) => log.read(place)));
        const after = loaded(log).lines;
        log.close();
        assert.deepEqual(after, shuffled.map(({ line }) => line));
      }),
      { numRuns: 100 },
    )
  ));

Deno.test("a line goes to the end wherever the file was read before", () =>
  inFolder((path) => {
    // Longer than what is read at once: the file stands in the middle after the first was read.
    const log = LineLog.open(path), long = JSON.stringify("x".repeat(3 << 20));
    const first = log.append('"first"');
    log.append(long);
    assert.equal(decoder.decode(log.read(first)), '"first"\n');
    log.append('"third"');
    assert.deepEqual(loaded(log).lines, ['"first"', long, '"third"']);
    log.append('"fourth"');
    log.rewrite([new TextEncoder().encode('"only"\n')]);
    log.append('"last"');
    log.close();
    assert.equal(Deno.readTextFileSync(path), '"only"\n"last"\n');
  }));

Deno.test("a line longer than any buffer is read and rewritten whole", () =>
  inFolder((path) => {
    const log = LineLog.open(path);
    const long = JSON.stringify("ä".repeat(3_000_000));
    const first = log.append('"short"'), second = log.append(long);
    log.rewrite([second, first].map((place) => log.read(place)));
    const { lines } = loaded(log);
    log.close();
    assert.deepEqual(lines, [long, '"short"']);
  }));

Deno.test("lines that a killed process left unflushed are flushed by the next one, which counts them as finished (50)", () =>
  inFolder((path) => {
    const disk = new FragileDisk();
    const killed = LineLog.open(path, { disk });
    killed.append('"finished"');
    killed.close();
    const group = new SyncGroup();
    const next = LineLog.open(path, { disk, group });
    assert.deepEqual(loaded(next).lines, ['"finished"']);
    group.syncNow();
    next.close();
    group.close();
    disk.cut(() => 0);
    assert.equal(Deno.readTextFileSync(path), '"finished"\n');
  }));
