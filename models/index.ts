import { openDatabase, type Database, type DatabaseSettings } from './database.js';
import { AccessPass } from './access-pass.js';
import { AnsweredForm } from './answered-form.js';
import { ApiCredentialAddress } from './api-credential-address.js';
import { ApiCredentialSecret } from './api-credential-secret.js';
import { ApiCredential } from './api-credential.js';
import { Approval } from './approval.js';
import { Challenge } from './challenge.js';
import { CheckupPostponement } from './checkup-postponement.js';
import { DigestReader } from './digest-reader.js';
import { FormerName } from './former-name.js';
import { KeptFactor } from './kept-factor.js';
import { KeptForm } from './kept-form.js';
import { KnownBrowser } from './known-browser.js';
import { KnownKey } from './known-key.js';
import { Link } from './link.js';
import { LogCheckpointReader } from './log-checkpoint-reader.js';
import { LogCheckpoint } from './log-checkpoint.js';
import { LogPersonKey } from './log-person-key.js';
import { LogWalk } from './log-walk.js';
import { MailTemplate } from './mail-template.js';
import { OutboxMessage } from './outbox-message.js';
import { Passkey } from './passkey.js';
import { PasskeyChallenge } from './passkey-challenge.js';
import { PasswordHistory } from './password-history.js';
import { PolicyEntry } from './policy-entry.js';
import { RecoveryCode } from './recovery-code.js';
import { RememberedBrowser } from './remembered-browser.js';
import { Role } from './role.js';
import { ScheduledPolicy } from './scheduled-policy.js';
import { SecurityEvent } from './security-event.js';
import { SecurityLogHead } from './security-log-head.js';
import { SecurityPolicy } from './security-policy.js';
import { Session } from './session.js';
import { SetupCode } from './setup-code.js';
import { SshKey } from './ssh-key.js';
import { StandingMove } from './standing-move.js';
import { Tenant } from './tenant.js';
import { TenantLogo } from './tenant-logo.js';
import { transactionsOn } from './transaction.js';
import { TotpSecret } from './totp-secret.js';
import { UserJobRow } from './user-job-row.js';
import { UserJob } from './user-job.js';
import { UserRole } from './user-role.js';
import { User } from './user.js';

const MODELS = [
  Tenant,
  TenantLogo,
  SecurityPolicy,
  PolicyEntry,
  ScheduledPolicy,
  User,
  Role,
  UserRole,
  PasswordHistory,
  Session,
  KnownBrowser,
  KnownKey,
  FormerName,
  Link,
  SecurityEvent,
  SecurityLogHead,
  LogCheckpoint,
  LogCheckpointReader,
  LogPersonKey,
  DigestReader,
  LogWalk,
  MailTemplate,
  OutboxMessage,
  SetupCode,
  TotpSecret,
  Passkey,
  PasskeyChallenge,
  RecoveryCode,
  Challenge,
  KeptFactor,
  KeptForm,
  AccessPass,
  AnsweredForm,
  RememberedBrowser,
  ApiCredential,
  ApiCredentialSecret,
  ApiCredentialAddress,
  Approval,
  SshKey,
  StandingMove,
  UserJob,
  UserJobRow,
  CheckupPostponement,
];

let known: Database['dialect'] | undefined;

/** Opens the database and ties the models to it; the models follow the database that was connected last. */
export async function connect(settings: DatabaseSettings): Promise<Database> {
  const database = await openDatabase(settings);
  if (known === database.dialect) for (const model of MODELS) model.follow(database.sequelize);
  else register(database);
  known = database.dialect;
  transactionsOn(database.sequelize);
  return database;
}

function register({ sequelize }: Database): void {
  // Sequelize writes into the definition of each column, and ours are shared (`columns.ts`): every model gets copies.
  sequelize.addHook('beforeDefine', (attributes) => {
    for (const [name, column] of Object.entries(attributes))
      attributes[name] = { ...(column as object) } as typeof column;
  });
  for (const model of MODELS) model.register(sequelize);
  User.belongsToMany(Role, { through: UserRole, as: 'roles', foreignKey: 'userId', otherKey: 'roleId' });
  Role.belongsToMany(User, { through: UserRole, as: 'holders', foreignKey: 'roleId', otherKey: 'userId' });
}
