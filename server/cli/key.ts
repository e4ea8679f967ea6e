import type { Command } from 'commander';
import type { Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { withLease } from '#server/jobs/lease.js';
import { noteKeys } from '#server/keys/known.js';
import { listKeys, SECURITY_LOG } from '#server/keys/list.js';
import { countSealed, sealAnew } from '#server/keys/sealed.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';
import { addToKeyFile, newKeyAfter } from '#server/secret-keys.js';
import { withInstallation, type Installation } from './installation.js';
import { print, printList } from './print.js';

export function addKey(program: Command): void {
  const key = program.command('key').description('the secret keys');
  key
    .command('list')
    .description('list them, each with what still needs it')
    .option('--json', 'as JSON', false)
    .action(({ json }: { json: boolean }) => withInstallation('demand', ({ services }) => list(services, json)));
  key
    .command('rotate')
    .description('make a new key, retire the one before, and seal anew what was sealed with it')
    .action(() => withInstallation('demand', rotate));
}

async function list(services: Services, json: boolean): Promise<void> {
  const rows = (await listKeys(services)).map(({ id, state, since, neededBy }) => ({
    id,
    state,
    since: since === null ? null : new Date(since).toISOString(),
    neededBy: neededBy.map(({ count, called }) => `${count} ${called}`),
  }));
  printList(rows, ['id', 'state', 'since', 'neededBy'], json);
}

async function rotate(installation: Installation): Promise<void> {
  const { services } = installation;
  let sealed = (await isUnderWay(services)) ? await sealAnew(services) : 0;
  if (sealed > 0)
    print(
      `A rotation to ${services.keys.currentId} was under way, and is finished now. For another key run this again.`,
    );
  else if (!(await makeKey(installation))) return;
  sealed += await sealAnew(services);
  // What a running server has sealed in the second before it took notice.
  await new Promise((resolve) => setTimeout(resolve, 2 * SECOND));
  sealed += await sealAnew(services);
  print(`${sealed} sealed values were sealed anew with ${services.keys.currentId}.`);
  for (const { id, state, neededBy } of await listKeys(services)) {
    if (state === 'current') continue;
    const needs = neededBy.map(({ called }) => called);
    if (needs.length === 0) print(`${id} is needed by nothing any more: take it out.`);
    else if (needs.every((called) => called === SECURITY_LOG)) print(`${id} is needed by the security log alone.`);
    else print(`${id} is still needed by ${needs.join(', ')}.`);
  }
}

async function isUnderWay(services: Services): Promise<boolean> {
  const { keys } = services;
  return (await countSealed(services)).some(({ keyId }) => keyId !== keys.currentId && keys.has(keyId));
}

// True when the new key is in use; false when it is for whoever runs this to set.
async function makeKey({ services, context }: Installation): Promise<boolean> {
  const { config, keys } = services;
  const newKey = async () => newKeyAfter([...keys.ids, ...(await listKeys(services)).map(({ id }) => id)]);
  const file = config.secretKeyFile;
  if (file === null) {
    printForEnvironment(config.secretKeys, await newKey());
    return false;
  }
  // One after the other, and named after what the one before has left: two keys of one name would each lack what the other sealed.
  const made = await withLease(services, 'key-rotation', MINUTE, async () => {
    keys.refresh();
    const next = await newKey();
    try {
      addToKeyFile(file, next);
    } catch (error) {
      throw new Conflict(
        `${file} cannot be written, so no key was made (${(error as Error).message}). Run this as who may write there; where the file is given from elsewhere, put a line "k2:" and 32 random bytes in base64 before the others, and restart.`,
      );
    }
    keys.refresh();
    await noteKeys(context(), tellOfRotation);
  });
  if (!made) throw new Conflict('Another rotation has begun within this minute. Wait for it to end.');
  print(
    `${keys.currentId} is the current key now, in ${file}. Keep a copy of the file apart from that of the database.`,
  );
  print('Everybody has to sign in again, and their browsers count as new. The operators get a mail about it.');
  return true;
}

function printForEnvironment(secretKeys: Services['config']['secretKeys'], newKey: string): void {
  const retired = secretKeys.map(({ id, bytes }) => `${id}:${bytes.toString('base64')}`);
  print('The key comes from the environment, so nothing was changed. Stop every Gatehouse on this database, set');
  print(`SECRET_KEY=${newKey}`);
  print(`SECRET_KEYS_RETIRED=${retired.join(',')}`);
  print('and start: what was sealed with the old key is then sealed anew, and everybody has to sign in again.');
}
