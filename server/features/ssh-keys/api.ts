import * as z from 'zod';
import { replyOf } from '#server/api/reply.js';
import { anyCredential, apiRoute, wholeCredential, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { NotFound } from '#server/errors.js';
import { SshKey } from '#models/ssh-key.js';
import { addSshKey, authorizedKeys, listSshKeys, removeSshKey } from './actions.js';
import { keysQuery, sshKeyBody } from './input.js';

const { shape, asJson } = replyOf(
  SshKey,
  ['id', 'name', 'type', 'bits', 'fingerprint', 'comment', 'createdAt', 'expiresAt', 'lastUsedAt', 'suspendedAt'],
  { suspendedAt: 'No server is given it until its owner puts it back.' },
);

const sshKey = z.object(shape).meta({ id: 'SshKey' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me/ssh-keys',
    tag: 'Me',
    summary: 'Your SSH keys',
    access: anyCredential,
    query: listQuery,
    reply: listOf(sshKey),
    async handler({ context, query }) {
      return pageOf(context, 'me/ssh-keys', (await listSshKeys(context.user)).map(asJson), query);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/me/ssh-keys',
    tag: 'Me',
    summary: 'Add an SSH key of yours',
    access: wholeCredential,
    body: sshKeyBody,
    status: 201,
    reply: sshKey,
    replyHeaders: { Location: 'The address of the new key.' },
    refusals: [409],
    async handler({ context, body, res }) {
      const key = await addSshKey(context, body);
      res.setHeader('Location', `/api/v1/me/ssh-keys/${key.id}`);
      return asJson(key);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/me/ssh-keys/:id',
    tag: 'Me',
    summary: 'One of your SSH keys',
    access: anyCredential,
    reply: sshKey,
    async handler({ context, id }) {
      const key = (await listSshKeys(context.user)).find((one) => one.id === id);
      if (!key) throw new NotFound();
      return asJson(key);
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/me/ssh-keys/:id',
    tag: 'Me',
    summary: 'Remove one of your SSH keys',
    access: anyCredential,
    async handler({ context, id }) {
      await removeSshKey(context, id);
    },
  }),
];

/** For sshd, which is nobody's own. */
export const programRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/ssh-keys/:organization/:username',
    tag: 'Programs',
    summary: 'The keys that sshd is to accept for a user',
    description: 'One key a line, for `AuthorizedKeysCommand`. With a fingerprint, only that key, whose use is noted.',
    access: may('users:read'),
    query: keysQuery,
    reply: z.string(),
    replyType: 'text/plain',
    async handler({ context, params, query }) {
      const lines = await authorizedKeys(
        context,
        params['organization'] ?? '',
        params['username'] ?? '',
        query.fingerprint,
      );
      return lines.map((line) => `${line}\n`).join('');
    },
  }),
];
