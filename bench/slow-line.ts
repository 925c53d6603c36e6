/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlowLine {
	/** What leads over it to the server. */
	url: string;
	/** Takes no new connections; those that there are end with the server's. */
	close(): void;
}

/**
 * A line to a server that carries a limited number of bytes a second. Answers take no time on it.
 *
 * @param to the server's address
 */
export async function slowLine(to: string, bytesPerSecond: number): Promise<SlowLine> {
	const { hostname, port } = new URL(to);
	const server = createServer((client) => {
		const upstream = connect(Number(port), hostname);
		const carry = async function* (bytes: AsyncIterable<Buffer>) {
			let isFree = performance.now();
			for await (const chunk of bytes) {
				const now = performance.now();
				isFree = Math.max(isFree, now) + (chunk.length / bytesPerSecond) * 1000;
				if (isFree - now >= 1) await sleep(isFree - now);
				yield chunk;
			}
		};
		// Where one side breaks off, so does the other.
		pipeline(client, carry, upstream).catch(() => client.destroy());
		pipeline(upstream, client).catch(() => upstream.destroy());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => void server.close(),
	};
}
