import type { Passkey } from '#models/passkey.js';
import type { UserContext } from '#server/context.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { passkeyAsJson, passkeyShape } from '#server/api/passkey-shape.js';
import { anyCredential, apiRoute, wholeCredential, type ApiRoute } from '#server/api/route.js';
import { listPasskeys, shownPasskey } from '#server/identity/passkey.js';
import { findPasskey, removeAllPasskeys, removePasskey } from './actions.js';

const PATH = '/me/passkeys';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: 'Me',
    summary: 'Your passkeys',
    access: anyCredential,
    query: listQuery,
    reply: listOf(passkeyShape),
    handler: async ({ context, query }) =>
      pageOf(context, 'me/passkeys', (await listPasskeys(context.user)).map(asJson(context)), query),
  }),
  apiRoute({
    method: 'delete',
    path: PATH,
    tag: 'Me',
    summary: 'Remove all of your passkeys',
    description: 'All your sessions end. Refused while you must have a second factor and have no other.',
    access: wholeCredential,
    refusals: [409],
    handler: ({ context }) => removeAllPasskeys(context),
  }),
  apiRoute({
    method: 'get',
    path: `${PATH}/:id`,
    tag: 'Me',
    summary: 'One of your passkeys',
    access: anyCredential,
    reply: passkeyShape,
    handler: async ({ context, id }) => asJson(context)(await findPasskey(context, id)),
  }),
  apiRoute({
    method: 'delete',
    path: `${PATH}/:id`,
    tag: 'Me',
    summary: 'Remove one of your passkeys',
    description: 'All your sessions end. Refused while you must have a second factor and this is the only one.',
    access: wholeCredential,
    refusals: [409],
    async handler({ context, id }) {
      await removePasskey(context, id);
    },
  }),
];

function asJson(context: UserContext): (passkey: Passkey) => ReturnType<typeof passkeyAsJson> {
  return (passkey) => passkeyAsJson(shownPasskey(context, context.tenant, passkey));
}
