import type { Request } from 'express';
import { Op } from 'sequelize';
import { aboutKeptForm, KeptForm } from '#models/kept-form.js';
import { Session } from '#models/session.js';
import { HOUR } from '#server/lib/clock.js';
import { isId } from '#server/input/ids.js';
import { hashToken } from '#server/lib/random-token.js';
import { readVisitor } from './csrf.js';
import { hasFile, typedValues } from './form.js';
import { leftSession } from './left-session.js';
import { signedIn } from './request.js';
import { sentSid } from './session.js';

type SessionOf = Pick<Session, 'tenantId' | 'userId' | 'id'>;

const LIFE = HOUR;
// As many as a person may have open in tabs; without an end, a program that is signed in could fill the disk.
const MOST = 10;
// What is larger was pasted, and is where it was copied from.
const LARGEST = 64 * 1024;

/** Keeps a form that came too long after the last sign-in, sealed, on the server. Gives the id under which it waits. */
export async function keepForm(req: Request): Promise<string> {
  // It may be one that waits already, if its sender took long to go on.
  const waiting = (req.body as Record<string, unknown> | undefined)?.['_kept'];
  if (isId(waiting)) return waiting;
  const { tenant, user, session } = signedIn(req);
  return keep(req, { tenantId: tenant.id, userId: user.id, id: session.id }, (req.body ?? {}) as object);
}

/**
 * Keeps a form that was sent when its session was over, but for secrets, for whoever the session was of, in this browser.
 * `token` is what it had for a proof that it is of that session's pages. Gives the id under which it waits, or null.
 */
export async function keepForNextSession(req: Request, token: string | null): Promise<string | null> {
  const { services } = req.context;
  const visitor = readVisitor(services, req);
  const session = visitor === null ? null : (liveMeanwhile(req) ?? (await endedSession(req, token)));
  if (visitor === null || session === null || !/^\/(?![/\\])/.test(req.originalUrl) || req.path === '/logout')
    return null;
  // Without its file it would be another form.
  if (Object.values((req.body ?? {}) as object).some(hasFile)) return null;
  const { _csrf: _, ...typed } = typedValues(req.body);
  // Of one that has secrets alone nothing would be left that could be sent.
  const { _csrf: __, ...sent } = (req.body ?? {}) as Record<string, unknown>;
  if (Object.keys(typed).length === 0 && Object.keys(sent).length > 0) return null;
  if (JSON.stringify(typed).length > LARGEST) return null;
  return keep(req, session, typed, hashToken(visitor));
}

// It ended while the request was under way, and the token has been looked at.
function liveMeanwhile({ principal }: Request): SessionOf | null {
  if (!principal) return null;
  const { user, session } = principal;
  return { tenantId: user.tenantId, userId: user.id, id: session.id };
}

// A cookie alone is no proof: the token has a key of ours.
async function endedSession(req: Request, token: string | null): Promise<SessionOf | null> {
  const { services } = req.context;
  const sid = sentSid(services, req);
  if (token === null) return null;
  const session = await Session.findOne({
    where: sid === null ? { id: leftSession(services, req) ?? '' } : { sidHash: hashToken(sid) },
  });
  return session && services.keys.verifyMac('csrf', `session ${session.id}`, token) ? session : null;
}

async function keep(
  req: Request,
  { tenantId, userId, id: sessionId }: SessionOf,
  fields: object,
  visitorHash: string | null = null,
): Promise<string> {
  const { services, now: createdAt } = req.context;
  const path = req.originalUrl;
  const row = KeptForm.build({ tenantId, userId, sessionId, path, sealedFields: '', createdAt, visitorHash });
  row.sealedFields = services.keys.seal(JSON.stringify(fields), aboutKeptForm(row));
  await row.save();
  await forgetAllBut(MOST, sessionId);
  return row.id;
}

/** The form that waits under this id for this very session, or since an earlier one of the same person was over; null when there is none, or it has waited too long. */
export async function findKeptForm(req: Request, id: unknown): Promise<KeptForm | null> {
  if (!isId(id)) return null;
  const { services, tenant, user, session, now } = signedIn(req);
  const visitor = readVisitor(services, req);
  return KeptForm.findOne({
    where: {
      id,
      tenantId: tenant.id,
      userId: user.id,
      createdAt: { [Op.gt]: now - LIFE },
      [Op.or]: [
        { sessionId: session.id, visitorHash: null },
        ...(visitor === null ? [] : [{ visitorHash: hashToken(visitor) }]),
      ],
    },
  });
}

/** Takes the fields out again, once, for the path that they were sent to; null for any other. */
export async function takeKeptForm(req: Request, id: unknown): Promise<Record<string, unknown> | null> {
  const form = await findKeptForm(req, id);
  if (form?.path !== req.originalUrl) return null;
  if ((await KeptForm.destroy({ where: { id: form.id } })) !== 1) return null;
  try {
    return JSON.parse(signedIn(req).services.keys.open(form.sealedFields, aboutKeptForm(form))) as Record<
      string,
      unknown
    >;
  } catch {
    // Damaged, it is as good as gone.
    return null;
  }
}

async function forgetAllBut(newest: number, sessionId: string): Promise<void> {
  const order: [string, string][] = [
    ['createdAt', 'DESC'],
    ['id', 'DESC'],
  ];
  const older = await KeptForm.findAll({ where: { sessionId }, attributes: ['id'], order, offset: newest, limit: 100 });
  if (older.length > 0) await KeptForm.destroy({ where: { id: older.map(({ id }) => id) } });
}
