/** Real servers on this machine's CPU, as `deno task test:servers` installs them. */
import { join } from "node:path";
import { freePort } from "../free_port.ts";

const CACHE = ".cache/servers";

/** The folders that setup.sh makes. */
export const models = join(CACHE, "models");
export const python = join(CACHE, "venv/bin/python");

/** Why the real servers are not started here, or null: they take minutes and 4 GB. */
export function whyNoServers(): string | null {
  return Deno.env.get("THINKSET_SERVERS") ? null : "they are for deno task test:servers";
}

export interface RealServer {
  url: string;
  stop(): Promise<void>;
}

/** A server to start, and what it must answer before it counts as one. */
export interface ServerPlan {
  /** As it is called in messages. */
  name: string;
  /** The command that serves at a port of 127.0.0.1. */
  command(port: number): string[];
  env?: Record<string, string>;
  /** A plain request: path and body. A server may say that it is healthy and fail at the first. */
  ask: { path: string; body: unknown };
}

/** Starts a server and waits until it answers a plain request. Throws with the end of its log. */
export async function startServer({ name, command, env, ask }: ServerPlan): Promise<RealServer> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = await Deno.makeTempFile({ suffix: ".log" });
  const process = new Deno.Command("bash", {
    args: ["-c", `exec "$@" > "$0" 2>&1`, log, ...command(port)],
    env: { HF_HUB_OFFLINE: "1", ...env },
    stdin: "null",
  }).spawn();
  let ended = false;
  process.status.then(() => ended = true);
  const stop = async () => {
    if (!ended) process.kill("SIGTERM");
    await process.status;
    await Deno.remove(log);
  };
  const fail = async (what: string) => {
    const tail = (await Deno.readTextFile(log)).split("\n").slice(-40).join("\n");
    await stop();
    return new Error(`${name} ${what}:\n${tail}`);
  };
  const deadline = Date.now() + 420_000;
  while (!await answers(`${url}/health`)) {
    if (ended || Date.now() > deadline) throw await fail("did not come up");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const said = await whatIsWrong(`${url}${ask.path}`, ask.body);
  if (said) throw await fail(`is healthy, but to ${ask.path} ${said}`);
  return { url, stop };
}

/** vLLM, or null where this processor cannot run it, which is said for CI to repeat. */
export async function serveVllm(
  model: string,
  name: string,
  { args = [], ask }: { args?: readonly string[]; ask: ServerPlan["ask"] },
): Promise<RealServer | null> {
  try {
    return await startServer({
      name: "vLLM",
      command: (port) => [
        ...[join(CACHE, "venv/bin/vllm"), "serve", model, "--served-model-name", name],
        ...["--host", "127.0.0.1", "--port", `${port}`],
        ...["--dtype", "float32", "--max-model-len", "1024", "--enforce-eager", ...args],
      ],
      env: {
        VLLM_CPU_KVCACHE_SPACE: "1",
        VLLM_HOST_IP: "127.0.0.1",
        VLLM_CPU_OMP_THREADS_BIND: "nobind",
        OMP_NUM_THREADS: "1",
        VLLM_NO_USAGE_STATS: "1",
      },
      ask,
    });
  } catch (error) {
    // It is built for AVX-512 first; where that is there, a vLLM that fails is a fault of ours.
    if (/\bavx512f\b/.test(await Deno.readTextFile("/proc/cpuinfo"))) throw error;
    const [first] = `${(error as Error).message}`.split("\n");
    console.log(`\nNOT CHECKED: ${name} on vLLM, for this processor lacks AVX-512: ${first}`);
    console.error(error);
    return null;
  }
}

/** llama.cpp's own server. */
export function serveLlamaCpp(
  gguf: string,
  name: string,
  ask: ServerPlan["ask"],
): Promise<RealServer> {
  const program = "tests/servers/serve_llama_cpp.py";
  const command = (port: number) => [python, program, gguf, name, `${port}`];
  return startServer({ name: "llama.cpp", command, ask });
}

/** transformers behind vLLM's routes for classifiers. */
export function serveClassifier(
  model: string,
  name: string,
  ask: ServerPlan["ask"],
): Promise<RealServer> {
  const program = "tests/servers/serve_classifier.py";
  const command = (port: number) => [python, program, model, name, `${port}`];
  return startServer({ name: "transformers", command, ask });
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** What a server says to a request that it should answer, or null where it does. */
async function whatIsWrong(url: string, body: unknown): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    return response.ok ? null : `it answers ${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    return `it does not answer (${(error as Error).message})`;
  }
}
