/** How many sequences a server works on at once, where it tells. */
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import type { ServerClient } from "../server/server_client.ts";

/** vLLM's own `--max-num-seqs` on most machines; it does not tell the number. */
const USUAL_SLOTS = 256;

/** Asked for beyond the slots, so that a freed one is filled before the reply has travelled. */
const AHEAD = 1.25;

const Props = z.object({ total_slots: z.number().int().positive() });

/**
 * Sequences worth having in flight at a server: a quarter more than its slots. llama.cpp's server
 * tells them under `/props`; for others 256 slots are taken. What is sent beyond waits in the
 * server's queue, so a number too large costs nothing but patience.
 */
export async function askSlots(client: ServerClient, url: string): Promise<number> {
  let slots = USUAL_SLOTS;
  try {
    const props = Props.safeParse(await client.get(url, "/props"));
    if (props.success) slots = props.data.total_slots;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
  }
  return Math.ceil(slots * AHEAD);
}
