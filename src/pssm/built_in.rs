//! The first version of the catalogue: the Patient Safety Structural Measure in short words, as the edition of 2025 has it.

/// The measure's name, with the year of its first period.
pub const FRAMEWORK: &str = "CMS Patient Safety Structural Measure (2025)";

/// Where CMS publishes the measure and its statements.
pub const ADDRESS: &str = "https://qualitynet.cms.gov/pch/measures/safety";

/// A domain with its five statements, in order.
pub struct Domain {
    pub code: &'static str,
    pub name: &'static str,
    pub statements: [(&'static str, &'static str); 5],
}

/// The five domains.
pub const DOMAINS: [Domain; 5] = [
    Domain {
        code: "1",
        name: "Leadership commitment to eliminating preventable harm",
        statements: [
            ("1A", "Safety is a core value of the governing board, which holds leaders accountable"),
            ("1B", "Leaders oversee a system-wide safety assessment and act on it"),
            ("1C", "Board and leaders ensure adequate resources for safety"),
            ("1D", "Safety takes at least a fifth of the board’s regular agenda"),
            ("1E", "Board and leaders hear of serious safety events within three business days"),
        ],
    },
    Domain {
        code: "2",
        name: "Strategic planning and organizational policy",
        statements: [
            ("2A", "A public strategic plan with safety as a core value and the goal of zero preventable harm"),
            ("2B", "Safety goals use metrics to find and address disparities"),
            ("2C", "Written policies that cultivate a just culture"),
            ("2D", "A safety curriculum and competencies for all staff, leaders and board"),
            ("2E", "An action plan for workforce safety with metrics"),
        ],
    },
    Domain {
        code: "3",
        name: "Culture of safety and learning health system",
        statements: [
            ("3A", "A validated survey of safety culture, shared and acted on"),
            ("3B", "A dedicated team analyzes serious events by an evidence-based method"),
            ("3C", "A safety dashboard with external benchmarks"),
            ("3D", "High-reliability practices such as huddles, leader rounding and team training"),
            ("3E", "Part of a large-scale learning network"),
        ],
    },
    Domain {
        code: "4",
        name: "Accountability and transparency",
        statements: [
            ("4A", "Confidential reporting of safety events, with feedback"),
            ("4B", "Works with a Patient Safety Organization"),
            ("4C", "Safety metrics are shared with all staff and made public on units"),
            ("4D", "A communication and resolution program after harm"),
            ("4E", "Measures of that program go to the board every quarter"),
        ],
    },
    Domain {
        code: "5",
        name: "Patient and family engagement",
        statements: [
            ("5A", "A patient and family advisory council gives input to safety"),
            ("5B", "The council is diverse and representative"),
            ("5C", "Patients read their records and notes, get help with them and suggest corrections"),
            ("5D", "What patients and caregivers say of safety events is used"),
            ("5E", "Family and designated persons are present as members of the care team"),
        ],
    },
];

/// Every code with its words, a domain before its statements.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    DOMAINS.iter().flat_map(|domain| std::iter::once((domain.code, domain.name)).chain(domain.statements))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pssm::rules;

    #[test]
    fn the_measure_has_five_domains_of_five_statements() {
        let codes: Vec<&str> = all().map(|(code, _)| code).collect();
        assert_eq!(codes, rules::codes().collect::<Vec<_>>());
        assert_eq!(codes.len(), 30);
    }
}
