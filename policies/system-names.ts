/** Accounts that a Unix machine has of its own: whoever had such a username here would be let in as them by sshd. */
const SYSTEM_ACCOUNTS: ReadonlySet<string> = new Set(
  `root toor daemon bin sys adm sync games man lp mail news uucp proxy www-data backup list irc nobody nogroup halt shutdown
  ftp dbus messagebus polkitd sshd ntp chrony postfix dovecot named bind apache nginx httpd mysql mariadb postgres redis
  mongodb docker libvirt qemu kvm tss rpc rpcuser nfsnobody avahi colord usbmux syslog wheel sudo ubuntu debian ec2-user
  centos fedora vagrant gatehouse gatehouse-keys`.split(/\s+/),
);

/** Whether this canonical username is one of a machine's own accounts. */
export function isSystemName(canonical: string): boolean {
  return SYSTEM_ACCOUNTS.has(canonical) || /^(_|systemd)/.test(canonical);
}
