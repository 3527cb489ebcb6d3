/** How many requests one prompt can cause, whatever servers answer. */

import { ATTEMPTS, PAID_ATTEMPTS } from "../../run/retry.ts";

/** Servers that one call may go to: the first, another where it dies, one that overtakes a slow one. */
export const SERVERS_PER_CALL = 3;

/** Requests that find out a completion server's habits before it is first asked. */
const PROBES_PER_CALL = 3;

/**
 * Requests that a teacher's prompt can cause at most, in one run of a command: each of the runner's
 * attempts ends with one failure, and a faulty reply is asked again `faulty - 1` times in all.
 */
export function teacherBound(faulty: number, attempts = PAID_ATTEMPTS): number {
  return attempts + faulty - 1;
}

/**
 * Requests that a policy's prompt can cause at most: `n` replies, one by one where a server takes no
 * `n`, after one request for all of them and the probes.
 */
export function policyBound(n: number): number {
  return ATTEMPTS * SERVERS_PER_CALL * (PROBES_PER_CALL + 1 + n);
}

/**
 * Requests that a prompt's answers can cause at most: each is scored by itself, and before that its
 * chat and its prompt are turned into tokens where the server does so.
 */
export function rewardBound(answers: number): number {
  return ATTEMPTS * SERVERS_PER_CALL * 3 * answers;
}
