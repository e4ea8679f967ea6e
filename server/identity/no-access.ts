/** Tables that refer to a user and let nobody in, and why. */
export const NO_ACCESS: Readonly<Record<string, string>> = {
  approvals: 'what waits to be approved, and was; the credentials among it have their rows',
  checkup_postponements: 'what somebody does not want to be told',
  kept_factors: 'factors that an administrator took away, sealed; the link that puts them back is a row of `links`',
  digest_readers: 'who gets a mail about the log each morning',
  log_checkpoint_readers: 'who gets the checkpoints of the log by mail, and what these say opens nothing',
  log_person_keys: 'opens what names them in the log, for who may read that',
  standing_moves: 'that what they may do to others was changed lately, by which nobody is let in',
  user_roles: 'what somebody may, once they are in',
  password_history: 'hashes of passwords that are taken no more',
  kept_forms: 'fields that wait for the session that kept them, and go with it',
  outbox_messages: 'copies of mails, sealed until sent; the links in them are rows of `links`',
  user_job_rows: 'what was done to them among many',
};
