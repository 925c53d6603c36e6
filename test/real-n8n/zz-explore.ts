import { writeFileSync } from 'node:fs';
import { Sandbox } from '../sandbox';
import { startDemo } from './demo';
(async () => {
	const sandbox = await Sandbox.start({ port: 0 });
	const demo = await startDemo(sandbox, { report: console.log });
	const data = { region: 'custom', baseUrl: sandbox.url, customAuthUrl: `${sandbox.url}/open-apis/authen/v1/authorize`, customTokenUrl: `${sandbox.url}/open-apis/authen/v2/oauth/token`, clientId: sandbox.app.id, clientSecret: sandbox.app.secret };
	const ids = [];
	for (const name of ['Anna', 'Deny']) ids.push(await demo.client.createCredential({ name: `Feishu Mail ${name}`, type: 'feishuMailOAuth2Api', data }));
	writeFileSync('/tmp/explore/state.json', JSON.stringify({ url: demo.n8n.url, owner: demo.owner, sandbox: sandbox.url, ids }));
	console.log('READY');
	setTimeout(async () => { await demo.n8n.stop(); process.exit(0); }, 12 * 60000);
})();
