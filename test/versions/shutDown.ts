/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs n8n's engine on Node, not inside n8n */
/** n8n-core before 2.30 has a timer that keeps the process running until n8n shuts down. */
afterAll(async () => {
	const { Container } = await import('@n8n/di');
	const { SSHClientsManager } = await import('n8n-core/dist/execution-engine/ssh-clients-manager');
	Container.get(SSHClientsManager).onShutdown();
});
