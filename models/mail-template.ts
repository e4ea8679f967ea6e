import {
  count,
  flag,
  id,
  optionalReference,
  optionalText,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

/** One version of how an organisation words a mail in a language; the highest counts. */
export class MailTemplate extends table('mail_templates', {
  id,
  tenantId: reference,
  event: text,
  locale: text,
  version: count,
  /** False: the mail is not sent at all, where that may be. */
  enabled: withDefault(flag, true),
  /** Null, as the two others are then: the text that Gatehouse comes with. */
  subject: optionalText,
  text: optionalText,
  html: optionalText,
  createdAt: time,
  /** No reference: who is gone has said it all the same. */
  createdBy: optionalReference,
}) {
  /** The version that counts; null where the organisation has none. */
  static async current(tenantId: string, event: string, locale: string): Promise<MailTemplate | null> {
    return MailTemplate.findOne({ where: { tenantId, event, locale }, order: [['version', 'DESC']] });
  }
}
