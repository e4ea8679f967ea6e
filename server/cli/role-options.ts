import type { Command } from 'commander';

/** What a role is to be, as it is typed. */
export interface RoleOptions {
  name?: string;
  description?: string;
  permission?: string[];
  readOnly?: boolean;
  requiresTwoFactor?: boolean;
  requiresPhishingResistant?: boolean;
  tokensNeedApproval?: boolean;
}

/** What a role may demand, or take away: the option, and what it does. */
export const DEMANDS = [
  ['read-only', 'whoever holds it can change nothing'],
  ['requires-two-factor', 'whoever holds it must have a second factor'],
  ['requires-phishing-resistant', 'whoever holds it must have a passkey'],
  ['tokens-need-approval', 'a token of it works once an owner has approved it'],
] as const;

/** A command about one role of an organisation. */
export function roleCommand(role: Command, name: string, description: string): Command {
  return role
    .command(name)
    .description(description)
    .argument('<organization>', 'its short name')
    .argument('<role>', 'the name of the role');
}

/** The same with an option for each of them. */
export function takesDemands(command: Command): Command {
  for (const [name, text] of DEMANDS) command.option(`--${name}`, text);
  return command;
}
