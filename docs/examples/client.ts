// A program that knows the API by its own document. From that come the types, so that what the portal does not take or
// give does not compile:
//
//   npm install openapi-fetch && npm install --save-dev openapi-typescript typescript
//   npx openapi-typescript https://portal.example.com/api/openapi.json -o gatehouse.d.ts
//
// Lists the people of an organisation, and with a name adds a service account of that name: PORTAL=https://portal.example.com TOKEN=ght_… node client.js robo-2
import createClient from 'openapi-fetch';
import type { components, paths } from './gatehouse.js';

const { PORTAL = 'http://localhost:3000', TOKEN = '' } = process.env;
const username = process.argv[2];

const api = createClient<paths>({
  baseUrl: `${PORTAL}/api/v1`,
  headers: { Authorization: `Bearer ${TOKEN}` },
});

const me = await api.GET('/me');
if (me.error) stop(me.error);
console.log(`${me.data.organization.slug}/${me.data.username} may ${me.data.permissions.join(', ')}`);

for await (const user of people()) console.log(`${user.username} ${user.status} ${roleNames(user)}`);
if (username !== undefined) console.log(`added ${(await addServiceAccount(username)).username}`);

/** Page by page, to the end of the list. */
async function* people(): AsyncGenerator<components['schemas']['User']> {
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 2, ...(cursor === null ? {} : { cursor }) };
    const { data, error } = await api.GET('/users', { params: { query } });
    if (error) stop(error);
    yield* data.data;
    cursor = data.next;
  } while (cursor !== null);
}

async function addServiceAccount(username: string): Promise<components['schemas']['User']> {
  const roles = await api.GET('/roles');
  if (roles.error) stop(roles.error);
  const roleIds = roles.data.data.filter(({ key }) => key === 'user').map(({ id }) => id);
  const { data, error } = await api.POST('/users', {
    body: { kind: 'service', username, name: `The program ${username}`, roleIds },
  });
  if (error) stop(error);
  return data;
}

function roleNames({ roles }: components['schemas']['User']): string {
  return roles.map(({ name }) => name).join(', ');
}

/** Every refusal is of one form, whatever was asked. */
function stop({ status, code, detail, errors = [] }: components['schemas']['Problem']): never {
  console.error(
    [`${status} ${code}: ${detail}`, ...errors.map(({ field, message }) => `${field}: ${message}`)].join('\n'),
  );
  process.exit(1);
}
