import { startAws } from '../../../connectors/aws/fake/index.ts';
import { createCompany } from '../../../src/testing/company.ts';

// A simulated AWS in a process of its own, so that whoever measures the scan does not measure this.
const provider = await startAws(createCompany({ people: Number(process.argv[2]) }));
process.send!({ config: provider.config, environment: provider.environment });
process.once('disconnect', () => void provider.close());
