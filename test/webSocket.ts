/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { WebSocket } from 'undici';

/** Node.js has it from 22 on; before, the library that Node.js itself has it from stands in. */
Object.assign(globalThis, { WebSocket: (globalThis as { WebSocket?: unknown }).WebSocket ?? WebSocket });
