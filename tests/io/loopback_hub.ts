/** A hub of datasets on loopback that speaks the Hub's protocol as its library asks it. */
import { sha256 } from "../../lib/core/canonical.ts";
import { inTemp } from "./temp.ts";

/** The commit of the dataset. */
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** The hub, and how it is asked. */
export interface Hub {
  reading: (more?: object) => { env: (name: string) => string | undefined };
  /** The environment of a process that asks it. */
  settings: Record<string, string>;
  asked: string[];
  /** Bytes of files that were sent. */
  sent: { bytes: number };
  files: Map<string, Uint8Array>;
  /** How it sends files: with ranges or without, and of a whole one so many bytes, then none. */
  sending: { ranges: boolean; stallsAfter?: number };
}

/** A blob's name, another for each file. */
const oidOf = (path: string) => sha256(path).slice(0, 40);

/** Large files are in the Hub's store of large files, by their SHA-256. */
function lfsOf(
  content: Uint8Array,
): { lfs?: Record<"oid", string> & Record<"size" | "pointerSize", number> } {
  if (content.length < 1_000_000) return {};
  return { lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } };
}

/** The same as the list of all files tells it. */
function blobOf(content: Uint8Array) {
  const { lfs } = lfsOf(content);
  if (lfs === undefined) return {};
  return { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } };
}

/** No more files are told at once. */
const MOST_LISTED = 50_000;

/** Runs a test with a hub that has one dataset, `org/set`, and a cache folder. */
export async function withHub(
  files: Record<string, string | Uint8Array>,
  test: (hub: Hub & { down: () => Promise<void> }) => Promise<void>,
): Promise<void> {
  const asked: string[] = [], sent = { bytes: 0 };
  const sending: Hub["sending"] = { ranges: true };
  const encoder = new TextEncoder();
  const bytes = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? encoder.encode(content) : content,
    ]),
  );
  const handler = async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    if (/^\/api\/datasets\/org\/set(\/revision\/main)?$/.test(pathname)) {
      return Response.json({
        _id: "1",
        id: "org/set",
        sha: COMMIT,
        private: false,
        gated: false,
        downloads: 0,
        likes: 0,
        lastModified: "2026-01-01T00:00:00.000Z",
        siblings: [...bytes].slice(0, MOST_LISTED).map(([rfilename, content]) => (
          { rfilename, size: content.length, blobId: oidOf(rfilename), ...blobOf(content) }
        )),
      });
    }
    if (pathname === `/api/datasets/org/set/tree/${COMMIT}`) {
      return Response.json([...bytes].map(([path, content]) => (
        { type: "file", path, size: content.length, oid: oidOf(path), ...lfsOf(content) }
      )));
    }
    if (pathname === `/api/datasets/org/set/paths-info/${COMMIT}`) {
      const { paths } = await request.json() as { paths: string[] };
      const lastCommit = { date: "2026-01-01T00:00:00.000Z", id: COMMIT, title: "first" };
      return Response.json(
        paths.filter((path) => bytes.has(path)).map((path) => (
          { type: "file", path, size: bytes.get(path)!.length, oid: oidOf(path), lastCommit }
        )),
      );
    }
    const path = pathname.split(`/datasets/org/set/resolve/${COMMIT}/`)[1];
    const content = path === undefined ? undefined : bytes.get(decodeURIComponent(path));
    if (content === undefined) return new Response("Not found", { status: 404 });
    const headers = {
      etag: `"${path!.replaceAll(/\W/g, "")}"`,
      "x-repo-commit": COMMIT,
      "accept-ranges": "bytes",
    };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
    if (range !== null && sending.ranges) {
      if (Number(range[1]) >= content.length) return new Response("No such range", { status: 416 });
      const part = content.slice(Number(range[1]), Number(range[2] || content.length) + 1);
      sent.bytes += part.length;
      const said = `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${content.length}`;
      return new Response(part, { status: 206, headers: { ...headers, "content-range": said } });
    }
    if (sending.stallsAfter !== undefined) {
      const start = content.slice(0, sending.stallsAfter);
      return new Response(new ReadableStream({ start: (own) => own.enqueue(start) }), { headers });
    }
    sent.bytes += content.length;
    return new Response(content.slice(), {
      headers: { ...headers, "content-length": String(content.length) },
    });
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  await inTemp(async (dir) => {
    const settings: Record<string, string> = {
      HF_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
      HF_HOME: dir,
    };
    const env = (name: string) => settings[name];
    let isDown = false;
    const down = async () => {
      isDown = true;
      await server.shutdown();
    };
    try {
      const reading = (more = {}) => ({ env, ...more });
      await test({ asked, sent, files: bytes, sending, settings, reading, down });
    } finally {
      if (!isDown) await server.shutdown();
    }
  });
}
