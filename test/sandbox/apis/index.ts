import { tenantAccessToken } from './auth';
import { contactCreate, contactList } from './contacts';
import { labelCreate, labelList } from './labels';

/** Every API that the sandbox knows. */
export const apis = [tenantAccessToken, contactCreate, contactList, labelCreate, labelList] as const;

export type ApiName = (typeof apis)[number]['name'];
