/** The few words that a column may hold, each list once: columns, forms, the API and what is asked of the database are made from it. */

export const USER_KINDS = ['person', 'service'] as const;
export const USER_STATES = ['invited', 'active', 'disabled'] as const;
export const TWO_FACTOR_STATES = ['disabled', 'pending', 'active'] as const;
export const THEMES = ['auto', 'light', 'dark'] as const;
export const TENANT_STATES = ['active', 'suspended'] as const;
export const CREDENTIAL_KINDS = ['token', 'key', 'password'] as const;
/** How a credential stands, worked out from its times. */
export const CREDENTIAL_STATES = ['active', 'expiring', 'expired', 'revoked', 'waiting'] as const;
/** What an administrator sees among credentials: SSH keys as well, which may be suspended. */
export const LISTED_KINDS = [...CREDENTIAL_KINDS, 'ssh-key'] as const;
export const LISTED_STATES = [...CREDENTIAL_STATES, 'suspended'] as const;
/** Why one of several credentials is left as it is: its owner may do more, it ends sooner anyway, or the policy has no end for it. */
export const LEFT_OUT_BECAUSE = ['above', 'ends-earlier', 'no-cap'] as const;
/** Why a credential was revoked. */
export const CREDENTIAL_ENDS = ['revoked', 'replaced', 'leaked', 'disavowed', 'reset', 'refused', 'void'] as const;
/** What an administrator takes from the account of somebody else, or gives who has nothing left to sign in with. */
export const TAKING_KINDS = ['two-factor-reset', 'two-factor-removal', 'passkey-removal', 'access-pass'] as const;
/** What may have to be approved by somebody else, and what has become of it. */
export const APPROVAL_KINDS = ['api-token', ...TAKING_KINDS] as const;
export const APPROVAL_STATES = ['waiting', 'approved', 'refused', 'withdrawn', 'void'] as const;
/** What became of who may change things of others: of one of them, or of the policy. */
export const STANDING_MOVES = ['raised', 'lowered', 'lifted'] as const;
export const LINK_KINDS = ['password-reset', 'invitation', 'email-change', 'disavowal', 'enrolment', 'undo'] as const;
export const MAIL_STATES = ['queued', 'sent', 'failed'] as const;
/** How much an event of the security log weighs. */
export const LEVELS = ['low', 'middle', 'high'] as const;
/** How a change of many users stands. */
export const USER_JOB_STATES = ['preview', 'running', 'done', 'cancelled', 'stopped'] as const;
/** What has become of one person of a job: `left-out` and `unchanged` were so in the preview already. */
export const ROW_STATES = ['waiting', 'done', 'unchanged', 'left-out', 'refused'] as const;
/** How a verification of the security log stands. */
export const LOG_WALK_STATES = ['running', 'intact', 'broken'] as const;
/** By which door something was done: a page, the API, the command line, or a job. */
export const DOORS = ['web', 'api', 'cli', 'job'] as const;
/** How a security policy came to be what it is: `begun` is how it was found when its history began to be kept. */
export const POLICY_WAYS = ['created', 'begun', 'changed', 'scheduled', 'restored'] as const;
/** Whose values those of the password part are. */
export const PRESET_NAMES = ['nist', 'pci', 'classic'] as const;
export const POLICY_PRESETS = [...PRESET_NAMES, 'custom'] as const;

export type UserKind = (typeof USER_KINDS)[number];
export type UserState = (typeof USER_STATES)[number];
export type TwoFactorState = (typeof TWO_FACTOR_STATES)[number];
export type Theme = (typeof THEMES)[number];
export type TenantState = (typeof TENANT_STATES)[number];
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];
export type CredentialState = (typeof CREDENTIAL_STATES)[number];
export type ListedKind = (typeof LISTED_KINDS)[number];
export type ListedState = (typeof LISTED_STATES)[number];
export type TakingKind = (typeof TAKING_KINDS)[number];
export type LeftOutBecause = (typeof LEFT_OUT_BECAUSE)[number];
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];
export type StandingMoveKind = (typeof STANDING_MOVES)[number];
export type CredentialEnd = (typeof CREDENTIAL_ENDS)[number];
export type LinkKind = (typeof LINK_KINDS)[number];
export type MailState = (typeof MAIL_STATES)[number];
export type Level = (typeof LEVELS)[number];
export type RowState = (typeof ROW_STATES)[number];
export type Door = (typeof DOORS)[number];
export type PolicyWay = (typeof POLICY_WAYS)[number];
export type PresetName = (typeof PRESET_NAMES)[number];
export type PolicyPreset = (typeof POLICY_PRESETS)[number];
