import type { Request } from 'express';
import { Op } from 'sequelize';
import { aboutKeptForm, KeptForm } from '#models/kept-form.js';
import { HOUR } from '#server/lib/clock.js';
import { isId } from '#server/input/ids.js';
import { signedIn } from './request.js';

const LIFE = HOUR;
// As many as a person may have open in tabs; without an end, a program that is signed in could fill the disk.
const MOST = 10;

/** Keeps a form that came too long after the last sign-in, sealed, on the server. Gives the id under which it waits. */
export async function keepForm(req: Request): Promise<string> {
  // It may be one that waits already, if its sender took long to go on.
  const waiting = (req.body as Record<string, unknown> | undefined)?.['_kept'];
  if (isId(waiting)) return waiting;
  const { services, tenant, user, session, now } = signedIn(req);
  const row = KeptForm.build({
    tenantId: tenant.id,
    userId: user.id,
    sessionId: session.id,
    path: req.originalUrl,
    sealedFields: '',
    createdAt: now,
  });
  row.sealedFields = services.keys.seal(JSON.stringify(req.body ?? {}), aboutKeptForm(row));
  await row.save();
  await forgetAllBut(MOST, session.id);
  return row.id;
}

/** The form that waits under this id for this very session; null when there is none, or it has waited too long. */
export async function findKeptForm(req: Request, id: unknown): Promise<KeptForm | null> {
  if (!isId(id)) return null;
  const { tenant, user, session, now } = signedIn(req);
  return KeptForm.findOne({
    where: { id, tenantId: tenant.id, userId: user.id, sessionId: session.id, createdAt: { [Op.gt]: now - LIFE } },
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
