import { newId } from '#models/columns.js';
import { addEvents, lockHead } from '#models/security-log.js';
import { afterCommit, inTransaction, isInTransaction, putOff } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { chainHash, headIsSound, headOf, type ChainedRow, type Head } from './chain.js';
import { EVENTS } from './events.js';
import { personalIn, personKey, sealFields } from './personal.js';
import type { PastHappening } from './record.js';

// Takes the place of a head's keyed hash when somebody else has written the head: no hash ever looks like this.
const BROKEN = 'broken';

/** What has happened, and with which keys of persons it is sealed. */
interface Adding {
  context: Context;
  tenantId: string;
  happenings: readonly PastHappening[];
  own: ReadonlyMap<string, string>;
}

/**
 * Adds rows to the end of a tenant's chain, in the running transaction, which must end with what this throws, or in one of
 * its own; of those who share a commit, at its end. The head is locked until it ends, so that writers get their places in turn.
 */
export async function append(context: Context, tenantId: string, happenings: readonly PastHappening[]): Promise<void> {
  const add = async (): Promise<void> => {
    const own = await personKeys(context, tenantId, happenings);
    const adding = { context, tenantId, happenings, own };
    if (!putOff(addAll, adding)) await addAll([adding]);
    // What was rolled back has not happened.
    afterCommit(() => {
      // What a row gathers was metered when it happened.
      for (const { event, details } of happenings)
        if (details?.['times'] === undefined) context.services.meters.event(event);
    });
  };
  await (isInTransaction() ? add() : inTransaction(add));
}

async function addAll(all: readonly Adding[]): Promise<void> {
  for (const tenantId of new Set(all.map((adding) => adding.tenantId)))
    await chain(
      tenantId,
      all.filter((adding) => adding.tenantId === tenantId),
    );
}

async function chain(tenantId: string, all: readonly Adding[]): Promise<void> {
  const [first] = all;
  if (!first) return;
  const { database, keys } = first.context.services;
  const head = await lockHead(database.dialect, tenantId);
  let { count, hash } = head;
  const rows = all.flatMap(({ context, happenings, own }) =>
    happenings.map((happening) => {
      count += 1;
      const row = rowOf(context, tenantId, count, happening, own);
      hash = chainHash(keys, hash, row);
      return { ...row, hash };
    }),
  );
  const next: Head = headOf(keys, tenantId, count, hash);
  // A new keyed hash would bless what was done to the old head; the log goes on, and stays marked.
  if (!headIsSound(keys, head)) next.mac = BROKEN;
  await addEvents(database.dialect, rows, next);
}

// Before the head is locked: what this may have to wait for, others need not.
async function personKeys(
  context: Context,
  tenantId: string,
  happenings: readonly PastHappening[],
): Promise<ReadonlyMap<string, string>> {
  const own = new Map<string, string>();
  for (const happening of happenings) {
    const { target } = happening;
    if (target && !own.has(target.id) && personalIn(happening).length > 0)
      own.set(target.id, await personKey(context, tenantId, target.id));
  }
  return own;
}

function rowOf(
  context: Context,
  tenantId: string,
  seq: number,
  happening: PastHappening,
  own: ReadonlyMap<string, string>,
): ChainedRow {
  const { actor, credential, now, requestId, session } = context;
  const id = newId();
  const { event, target, details: plain = {}, at = now, actorId = actor?.id ?? null } = happening;
  const ownKey = target && own.get(target.id);
  const details = ownKey === undefined ? plain : sealFields(ownKey, id, plain, personalIn(happening));
  const { door, ip, client } = happening.from ?? context;
  return {
    id,
    tenantId,
    seq,
    at,
    event,
    level: EVENTS[event].level,
    door,
    actorId,
    actorTenantId: actor && actorId === actor.id ? actor.tenantId : null,
    targetType: target?.type ?? null,
    targetId: target?.id ?? null,
    ip,
    client: client ? JSON.stringify(client) : null,
    sessionId: session?.id ?? null,
    requestId,
    details: JSON.stringify(
      credential ? { by: `API ${credential.kind}`, byCredential: credential.id, ...details } : details,
    ),
    keyId: context.services.keys.currentId,
  };
}
