import { TenantLogo } from '#models/tenant-logo.js';
import type { Tenant } from '#models/tenant.js';
import { Invalid } from '#server/errors.js';
import { readPicture } from '#server/lib/picture.js';
import { randomToken } from '#server/lib/random-token.js';
import { SentFile } from '#server/lib/sent-file.js';
import { UnfitPicture, type Picture } from '#server/lib/unfit-picture.js';

/** The picture that somebody sent to be the logo, as it will be kept. */
export async function readLogo(sent: SentFile): Promise<Picture> {
  try {
    return await readPicture(sent.bytes);
  } catch (error) {
    if (error instanceof UnfitPicture) throw Invalid.field('logo', error.message);
    throw error;
  }
}

/** Gives the organisation this logo, or none, inside a write. Gives what was and what is, in words; null where that is the same. */
export async function changeLogo(
  tenant: Tenant,
  picture: Picture | null,
): Promise<{ from: string; to: string } | null> {
  const before = await TenantLogo.findByPk(tenant.id);
  const content = picture?.bytes.toString('base64') ?? null;
  if (content === (before?.content ?? null)) return null;
  const from = inWords(tenant.logo, before?.content ?? null);
  // The bytes of a picture are no secret, and their hash would tell who has it. So its name is made of nothing.
  tenant.logo = picture && `${randomToken()}.${picture.type}`;
  if (content === null) await TenantLogo.destroy({ where: { tenantId: tenant.id } });
  else await TenantLogo.upsert({ tenantId: tenant.id, content });
  return { from, to: inWords(tenant.logo, content) };
}

// Enough to tell by which picture it was.
function inWords(name: string | null, content: string | null): string {
  if (name === null || content === null) return '';
  const { sha256 } = new SentFile(Buffer.from(content, 'base64')).toJSON();
  return `${name.replace(/.*\./, '').toUpperCase()}, SHA-256 ${sha256}`;
}
