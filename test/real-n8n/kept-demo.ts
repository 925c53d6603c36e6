/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateVersion, type Sandbox, type SandboxState } from '../sandbox';
import { CannotStart } from './cannot-start';
import type { DemoParts, KeptParts } from './demo';
import { cacheDirectory } from './install';

const SAVE_EVERY_MS = 1_000;

/** A demo as it was when it was stopped. */
export interface KeptDemo {
	parts: KeptParts;
	sandbox: SandboxState;
}

/** Where `npm start` keeps what is to be there at the next start: n8n's user folder, and two files about it. */
export class DemoFolder {
	readonly path: string;

	/** n8n's user folder. */
	readonly n8n: string;

	/** @param port - n8n's port, which only one can use at a time: so no two share a folder */
	constructor(port: number) {
		this.path = join(cacheDirectory(), `demo-${port}`);
		this.n8n = join(this.path, 'n8n');
	}

	/** What is kept, or nothing: then the folder is empty, also after a first start that was broken off. */
	async open(): Promise<KeptDemo | undefined> {
		const [parts, sandbox] = await Promise.all([
			this.read<KeptParts>('demo.json'),
			this.read<SandboxState>('sandbox.json'),
		]);
		if (sandbox && sandbox.version !== stateVersion) throw this.unreadable();
		if (parts && sandbox) return { parts, sandbox };
		await this.clear();
		return undefined;
	}

	async clear(): Promise<void> {
		await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
		await mkdir(this.n8n, { recursive: true });
	}

	async keepParts(parts: DemoParts): Promise<void> {
		const { owner, credential, userCredential, sandboxUrl, contactForm, labelColours, newMail } = parts;
		const workflows = { contactForm, labelColours, newMail };
		const kept: DemoParts = { owner, credential, userCredential, sandboxUrl, ...workflows };
		await this.write('demo.json', JSON.stringify(kept));
	}

	/**
	 * Keeps the sandbox's state from now on, so that at most a second of it is lost however this process ends.
	 *
	 * @returns a function that keeps it once more and ends that
	 */
	keepSandbox(sandbox: Sandbox): () => Promise<void> {
		const ended = new AbortController();
		let kept = '';
		const keep = async () => {
			const state = JSON.stringify(sandbox.state());
			if (state !== kept) await this.write('sandbox.json', state);
			kept = state;
		};
		const keeping = (async () => {
			while (!ended.signal.aborted) {
				await keep();
				await sleep(SAVE_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
			}
		})();
		return async () => {
			ended.abort();
			await keeping;
			await keep();
		};
	}

	private async read<Content>(file: string): Promise<Content | undefined> {
		const text = await readFile(join(this.path, file), 'utf8').catch(() => undefined);
		if (text === undefined) return undefined;
		try {
			return JSON.parse(text) as Content;
		} catch {
			throw this.unreadable();
		}
	}

	/** They hold a password and secrets, if only of this demo. */
	private async write(file: string, text: string): Promise<void> {
		const path = join(this.path, file);
		await writeFile(`${path}.new`, text, { mode: 0o600 });
		await rename(`${path}.new`, path);
	}

	private unreadable(): CannotStart {
		return new CannotStart(
			`What an earlier start kept in ${this.path} cannot be read by this version. ` +
				'Start anew, which removes it: npm start -- --fresh',
		);
	}
}
