// Runs n8n (its path and arguments follow) and ends it, and what it started, when the process that started it is
// gone, however that ended: it holds the other end of stdin.
process.argv.splice(1, 1);
process.stdin.resume().unref();
process.stdin.once('end', () => {
	process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
});
require(process.argv[1]);
