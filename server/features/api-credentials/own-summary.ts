import type { Row } from '#models/database.js';
import type { Question } from '#models/question.js';
import type { UserContext } from '#server/context.js';
import { isEnding } from './list.js';

interface SingleSummary {
  createdAt: number;
  expired: boolean;
  lastUsedAt: number | null;
}

export interface CredentialSummary {
  liveTokens: number;
  key: SingleSummary | null;
  password: SingleSummary | null;
  /** How many of them all end soon. */
  ending: number;
}

// A token whose role its user has lost does not work.
const SUMMARY_COLUMNS = ['kind', 'created_at', 'expires_at', 'last_used_at'];
const SUMMARY = `
SELECT ${SUMMARY_COLUMNS.map((column) => `c.${column}`).join(', ')} FROM api_credentials c
WHERE c.tenant_id = $1 AND c.user_id = $2 AND c.revoked_at IS NULL
  AND (c.kind <> 'token' OR EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = c.user_id AND h.role_id = c.role_id))`;

/** What the Security page says of the caller's credentials. */
export function credentialSummaryOf({ user, now }: UserContext): Question<CredentialSummary> {
  return {
    columns: SUMMARY_COLUMNS,
    sql: SUMMARY,
    bind: [user.tenantId, user.id],
    answer: (rows) => summaryOf(rows, now),
  };
}

function summaryOf(rows: readonly Row[], now: number): CredentialSummary {
  const single = (kind: string): SingleSummary | null => {
    const row = rows.find((one) => one['kind'] === kind);
    if (!row) return null;
    return {
      createdAt: Number(row['created_at']),
      expired: row['expires_at'] !== null && Number(row['expires_at']) <= now,
      lastUsedAt: row['last_used_at'] === null ? null : Number(row['last_used_at']),
    };
  };
  return {
    liveTokens: rows.filter((row) => row['kind'] === 'token' && Number(row['expires_at']) > now).length,
    key: single('key'),
    password: single('password'),
    ending: rows.filter((row) => row['expires_at'] !== null && isEnding(Number(row['expires_at']), now)).length,
  };
}
