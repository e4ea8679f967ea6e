import { readdir, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Op } from 'sequelize';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { SecurityEvent } from '#models/security-event.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { lockHead, removeBefore } from '#models/security-log.js';
import { SecurityPolicy } from '#models/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { DAY } from '#server/lib/clock.js';
import { makeFolder } from '#server/lib/folder.js';
import { contentsOf, type Contents } from '#server/trace/archive-contents.js';
import { writeArchive } from '#server/trace/archive-file.js';
import { beginningAt, beginningIsSound } from '#server/trace/beginning.js';
import { headIsSound } from '#server/trace/chain.js';
import { checkpointIsSound } from '#server/trace/checkpoint.js';
import { record } from '#server/trace/record.js';

/**
 * Moves what is older than the organisation keeps, and lies before the last exported checkpoint, into a file of this
 * folder. The file is whole and on the disk before any row goes, and the rows go in one transaction: killed before that,
 * everything is still there, and the next run makes the file anew. Gives null where nothing is old enough.
 */
export async function archiveLog(
  context: TenantContext,
  folder: string,
): Promise<{ path: string; contents: Contents } | null> {
  const contents = await whatMayGo(context);
  if (!contents) return null;
  const { services, tenant } = context;
  makeFolder(folder);
  const path = join(folder, `security-log-${tenant.slug}-${contents.from}-${contents.to}.jsonl`);
  await writeArchive(services.keys, path, contents);
  const left = await leftBehind(context, folder, contents);
  await actingNow(
    context,
    'log:export',
    async (acting) => {
      const head = await lockHead(services.database.dialect, tenant.id);
      const now = await SecurityLogHead.findByPk(tenant.id, { rejectOnEmpty: true });
      if (!headIsSound(services.keys, head) || now.archivedCount !== contents.from - 1)
        throw new Conflict('The log was archived or changed meanwhile. Nothing was removed; try again.');
      await removeBefore(beginningAt(services.keys, tenant.id, contents.to, contents.hash), contents.from);
      const details = {
        rows: contents.to - contents.from + 1,
        from: contents.from,
        to: contents.to,
        file: basename(path),
      };
      await record(acting, { event: 'log.archived', target: { type: 'log', id: tenant.id }, details });
    },
    { organisation: true },
  );
  for (const other of left) await unlink(other);
  return { path, contents };
}

/**
 * What runs that were killed before their rows went have left in the folder: archives whose rows all stand in the new one,
 * by what they were signed for. Whatever else is there is somebody else's, or of before a backup was put back.
 */
async function leftBehind({ services, tenant }: TenantContext, folder: string, made: Contents): Promise<string[]> {
  const name = new RegExp(`^security-log-${tenant.slug}-${made.from}-(\\d+)\\.jsonl(\\.[0-9a-f-]{36}\\.part)?$`);
  const found: string[] = [];
  for (const file of await readdir(folder)) {
    const [, to, part] = name.exec(file) ?? [];
    if (to === undefined || (part === undefined && Number(to) === made.to)) continue;
    const there = await contentsOf(services.keys, join(folder, file));
    if (there?.tenantId !== tenant.id || there.from !== made.from || there.to > made.to) continue;
    const last = await SecurityEvent.findOne({ where: { tenantId: tenant.id, seq: there.to } });
    if (there.before === made.before && last?.hash === there.hash) found.push(join(folder, file));
  }
  return found;
}

const YOUNG = 'SELECT MIN(seq) AS first FROM security_events WHERE tenant_id = $1 AND at >= $2';

// Both are wanted: older than the retention, and before the last checkpoint that stands elsewhere, too.
async function whatMayGo({ services, tenant, now }: TenantContext): Promise<Contents | null> {
  const { logRetentionDays } = await SecurityPolicy.of(tenant.id);
  if (logRetentionDays === 0)
    throw new Conflict(`${tenant.slug} keeps its log for ever: set the retention in its security policy first.`);
  const checkpoint = await LogCheckpoint.findOne({
    where: { tenantId: tenant.id, exportedAt: { [Op.ne]: null } },
    order: [['count', 'DESC']],
  });
  if (!checkpoint)
    throw new Conflict(
      `No checkpoint of the log of ${tenant.slug} has been exported yet. Take one along first, with: log checkpoint ${tenant.slug}`,
    );
  if (!checkpointIsSound(services.keys, checkpoint))
    throw new Conflict(
      'The last exported checkpoint is not as it was signed. Find out why before anything is archived.',
    );
  const head = await SecurityLogHead.findByPk(tenant.id, { rejectOnEmpty: true });
  if (!beginningIsSound(services.keys, head))
    throw new Conflict('The beginning of the log was changed. Verify it first.');
  const { archivedCount, archivedHash: before } = head;
  // Rows stand in the order in which they were written; of what happened before, some may have been written later.
  const [young] = await services.database.read(YOUNG, [tenant.id, now - logRetentionDays * DAY]);
  const kept = young?.['first'] ?? null;
  const to = Math.min(kept === null ? Infinity : Number(kept) - 1, checkpoint.count);
  if (to <= archivedCount) return null;
  const last = await SecurityEvent.findOne({ where: { tenantId: tenant.id, seq: to } });
  if (!last) throw new Conflict(`Row ${to} is missing. Verify the log, and find out why.`);
  return { tenantId: tenant.id, organization: tenant.slug, from: archivedCount + 1, to, before, hash: last.hash };
}
