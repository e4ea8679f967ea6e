import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathTo, run, startUntilListening, type Running } from './programs.js';

/** Starts nginx with this site, once it has found nothing wrong with it; all its files are in this folder. */
export function startNginx(folder: string, site: string, port: number): Promise<Running> {
  writeFileSync(join(folder, 'site.conf'), site);
  writeFileSync(join(folder, 'nginx.conf'), surroundings(folder));
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  const nginx = pathTo('nginx') ?? '';
  const { status, stderr } = run(nginx, ['-t', ...args]);
  if (status !== 0 || /\[(warn|emerg)\]/.test(stderr)) throw new Error(`nginx does not take it: ${stderr}`);
  return startUntilListening(nginx, args, port);
}

// What a distribution brings with nginx: here one process, all of whose files are in the folder of the test.
function surroundings(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n  ');
  return `
${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
daemon off;
master_process off;
error_log stderr;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  # As Debian's is set up.
  gzip on;
  ${temporary}
  include ${folder}/site.conf;
}
`;
}
