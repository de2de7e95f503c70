/** The process that is killed: a hub between one mailbox and one webhook. */

import { bridged, type HubSettings } from "../latency/hub.ts";
import { obey } from "./obey.ts";

obey<HubSettings>(bridged);
