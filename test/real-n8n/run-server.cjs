// Runs a server (user id, group id, path and arguments follow) and ends it on SIGTERM, and when the process that started
// this one is gone, however that ended: it holds the other end of stdin. SIGINT ends PostgreSQL without waiting for its
// clients, and Redis in order. PostgreSQL's own processes leave their parent's group, so a signal to it misses them.
const { spawn } = require('node:child_process');
const [uid, gid, server, ...args] = process.argv.slice(2);
const child = spawn(server, args, {
	stdio: ['ignore', 'inherit', 'inherit'],
	uid: Number(uid),
	gid: Number(gid),
});
const end = () => child.kill('SIGINT');
process.stdin.resume().unref();
process.stdin.once('end', end);
process.on('SIGTERM', end);
child.once('exit', (code) => process.exit(code ?? 1));
child.once('error', (error) => {
	process.stderr.write(`${error.message}\n`);
	process.exit(1);
});
