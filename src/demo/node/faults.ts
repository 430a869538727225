/** The faults of the stack file's demo cluster. */
import { stack } from '#stack';
import { scenarioOfFault, type Fault } from '../fault.ts';
import { homelabOf } from '../homelab.ts';
import type { Scenario } from '../scenario.ts';

/** Every fault, by id. */
export const loadFaults = (): readonly Fault[] => homelabOf(stack).faults;

/** What a fault makes of the demo cluster. */
export const scenarioOf = (fault: Fault): Scenario => scenarioOfFault(fault, homelabOf(stack).objects);
