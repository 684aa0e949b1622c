"""The three companies of the demo: what they hire for, where, through which stages, and whom.

Data alone. Salaries stand in thousands of US dollars a year and are converted by the place that a
posting is for. The telephone numbers are those that regulators keep free for fiction: NANPA's
555-01XX, Ofcom's, ComReg's, ARCEP's, the Bundesnetzagentur's, PTS's and ACMA's ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a pipeline, before a posting makes it its own.

    Attributes:
        pass_rate: the share of its applications that go on to the next step.
        mean_days: how long a decision takes.
    """

    name: str
    stage_type: str
    pass_rate: float = 1.0
    mean_days: float = 1.0


@dataclass(frozen=True, slots=True)
class Opening:
    """A job that a company hires for.

    Attributes:
        salary_range: thousands of US dollars a year; none for what is not a job yet.
        pay_period: `hour` where it is paid by the hour; otherwise what is usual at the place.
    """

    title: str
    department: str | None
    pipeline: str
    salary_range: tuple[int, int] | None = None
    employment_type: str = "full_time"
    pay_period: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the job is.

    Attributes:
        location: none: anywhere.
        rate: units of its currency that are paid there for a dollar in New York.
    """

    location: str | None
    currency: str
    rate: float
    pay_period: str = "year"
    remote_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Company:
    """An employer.

    Attributes:
        languages: whose names its candidates bear, beside a few of every other language.
        phone_numbers: patterns; `#` is any digit.
        github_share: the share of its candidates who name a GitHub account.
    """

    name: str
    postings: int
    candidates: int
    applications: int
    openings: tuple[Opening, ...]
    places: tuple[Place, ...]
    languages: Mapping[str, int]
    phone_numbers: tuple[str, ...]
    github_share: float


PIPELINES = {
    "engineering": (
        Step("Screening", "default", 0.5, 5),
        Step("Recruiter Call", "interview", 0.65, 6),
        Step("Take-Home Exercise", "assessment", 0.6, 9),
        Step("Technical Interview", "interview", 0.5, 7),
        Step("Team Interview", "interview", 0.6, 6),
        Step("Offer", "offer", 0.8, 5),
        Step("Hired", "hired"),
    ),
    "office": (
        Step("Screening", "default", 0.5, 6),
        Step("Phone Interview", "interview", 0.55, 7),
        Step("Hiring Manager Interview", "interview", 0.5, 9),
        Step("Case Study", "assessment", 0.5, 8),
        Step("Offer", "offer", 0.8, 6),
        Step("Hired", "hired"),
    ),
    "care": (
        Step("Screening", "default", 0.6, 4),
        Step("Credentials Check", "assessment", 0.75, 10),
        Step("Interview", "interview", 0.5, 8),
        Step("Shadowing Day", "assessment", 0.7, 7),
        Step("Offer", "offer", 0.8, 5),
        Step("Hired", "hired"),
    ),
    "shift": (
        Step("Screening", "default", 0.6, 3),
        Step("Phone Call", "interview", 0.55, 3),
        Step("Trial Shift", "assessment", 0.5, 5),
        Step("Offer", "offer", 0.85, 3),
        Step("Hired", "hired"),
    ),
    "pool": (
        Step("Inbox", "default", 0.3, 14),
        Step("First Conversation", "interview", 0.3, 20),
        Step("Kept in Touch", "default"),
    ),
}

LUMEN_HARBOR = Company(
    name="Lumen Harbor",
    postings=22,
    candidates=540,
    applications=900,
    openings=(
        Opening("Senior Backend Engineer", "Engineering", "engineering", (140, 180)),
        Opening("Product Designer", "Design", "office", (105, 140)),
        Opening("Frontend Engineer", "Engineering", "engineering", (115, 150)),
        Opening("Customer Success Manager", "Customer Success", "office", (80, 105)),
        Opening("Site Reliability Engineer", "Infrastructure", "engineering", (145, 185)),
        Opening("Account Executive, EMEA", "Sales", "office", (90, 130)),
        Opening("Staff Data Engineer", "Data", "engineering", (170, 215)),
        Opening("Android Engineer", "Engineering", "engineering", (120, 160)),
        Opening("Open Application", None, "pool"),
        Opening("Engineering Manager, Payments", "Engineering", "engineering", (175, 220)),
        Opening("Technical Writer", "Documentation", "office", (85, 115), "part_time"),
        Opening("Security Engineer", "Infrastructure", "engineering", (150, 190)),
        Opening("Software Engineering Intern", "Engineering", "office", (55, 70), "internship"),
        Opening("Support Specialist, German-Speaking", "Customer Success", "office", (55, 70)),
        Opening("QA Engineer", "Engineering", "engineering", (60, 90), "contract", "hour"),
        Opening("Product Manager, Billing", "Product", "office", (130, 170)),
    ),
    places=(
        Place("New York, NY", "USD", 1.0, remote_share=0.4),
        Place("London", "GBP", 0.6, remote_share=0.3),
        Place(None, "USD", 0.9, remote_share=1.0),
        Place("Berlin", "EUR", 0.65, remote_share=0.4),
        Place("San Francisco, CA", "USD", 1.15),
        Place("Kraków", "PLN", 2.1, "month", remote_share=0.5),
        Place("Toronto, ON", "CAD", 1.1, remote_share=0.4),
        Place("São Paulo", "BRL", 2.4, "month", remote_share=0.5),
        Place("Lisbon", "EUR", 0.45, remote_share=0.6),
        Place("Bengaluru", "INR", 26.0, remote_share=0.2),
    ),
    languages={"en": 22, "es": 9, "hi": 9, "de": 8, "pt": 8, "zh": 8, "pl": 7, "ru": 6, "uk": 6},
    phone_numbers=(
        "+1-212-555-01##",
        "+1-415-555-01##",
        "+1-416-555-01##",
        "+44 20 7946 0###",
        "+44 7700 900###",
        "+49 30 23125 ###",
    ),
    github_share=0.55,
)

TESSERA_HEALTH = Company(
    name="Tessera Health",
    postings=10,
    candidates=370,
    applications=620,
    openings=(
        Opening("Registered Nurse, Intensive Care", "Nursing", "care", (75, 95)),
        Opening("General Practitioner", "Medicine", "care", (160, 210)),
        Opening("Radiographer", "Diagnostics", "care", (70, 90)),
        Opening("Healthcare Assistant", "Nursing", "shift", (36, 44), "part_time", "hour"),
        Opening("Biomedical Scientist", "Diagnostics", "care", (70, 95)),
        Opening("Medical Secretary", "Administration", "office", (42, 52), "part_time"),
        Opening("Midwife", "Nursing", "care", (75, 95)),
        Opening("Clinical Data Analyst", "Informatics", "office", (75, 100)),
        Opening("Hospital Pharmacist", "Pharmacy", "care", (95, 125)),
        Opening("Initiativbewerbung / Speculative Application", None, "pool"),
        Opening("Physiotherapist", "Rehabilitation", "care", (65, 85)),
        Opening("Kitchen Porter", "Facilities", "shift", (30, 36), "temporary", "hour"),
        Opening("Clinical Psychologist", "Rehabilitation", "care", (85, 110)),
    ),
    places=(
        Place("Dublin", "EUR", 0.75),
        Place("Zürich", "CHF", 1.1),
        Place("Göteborg", "SEK", 6.0, "month"),
        Place("Lyon", "EUR", 0.6),
        Place("Gdańsk", "PLN", 1.9, "month"),
        Place("Reykjavík", "ISK", 105.0, "month"),
        Place("Thessaloniki", "EUR", 0.4, "month"),
        Place("Köln", "EUR", 0.65),
        Place("İzmir", "TRY", 14.0, "month"),
    ),
    languages={
        "de": 14,
        "fr": 12,
        "pl": 12,
        "ga": 10,
        "sv": 9,
        "el": 8,
        "is": 8,
        "tr": 8,
        "ar": 7,
        "ro": 6,
        "it": 5,
        "hr": 5,
        "hu": 5,
        "cs": 4,
        "en": 8,
    },
    phone_numbers=(
        "+353 20 91# ####",
        "+49 221 4710 ###",
        "+46 8 465 004 ##",
        "+33 1 99 00 ## ##",
        "+33 6 39 98 ## ##",
        "+44 161 496 0###",
    ),
    github_share=0.04,
)

ORIOLE_FREIGHT = Company(
    name="Oriole Freight",
    postings=8,
    candidates=290,
    applications=480,
    openings=(
        Opening("Warehouse Team Lead", "Warehousing", "shift", (48, 60)),
        Opening("Customs Broker", "Compliance", "office", (60, 80)),
        Opening("Forklift Operator", "Warehousing", "shift", (34, 42), "full_time", "hour"),
        Opening("Freight Forwarding Coordinator", "Operations", "office", (50, 66)),
        Opening("Delivery Driver", "Last Mile", "shift", (32, 40), "part_time", "hour"),
        Opening("Fleet Mechanic", "Maintenance", "shift", (46, 58)),
        Opening("Supply Chain Analyst", "Planning", "office", (65, 85)),
        Opening("Night Shift Operative", "Warehousing", "shift", (33, 40), "temporary", "hour"),
        Opening("Country Manager", "Operations", "office", (120, 165)),
        Opening("Health and Safety Officer", "Compliance", "office", (58, 76)),
        Opening("Route Planner", "Planning", "office", (52, 68), "contract"),
    ),
    places=(
        Place("Singapore", "SGD", 1.1, "month"),
        Place("Lagos", "NGN", 420.0, "month"),
        Place("Yokohama", "JPY", 85.0, "month"),
        Place("Mumbai", "INR", 22.0),
        Place("Dubai", "AED", 2.6, "month"),
        Place("Hải Phòng", "VND", 6_500.0, "month"),
        Place("Nairobi", "KES", 36.0, "month"),
        Place("Incheon", "KRW", 850.0),
        Place("Laem Chabang", "THB", 10.0, "month"),
        Place("Rotterdam", "EUR", 0.7),
    ),
    languages={
        "zh": 12, "hi": 10, "ja": 10, "ko": 9, "vi": 9, "yo": 8, "ar": 8, "th": 8, "sw": 7,
        "ig": 6, "ta": 6, "bn": 6, "nl": 5, "zh-Hant": 5, "fa": 4, "am": 4,
    },
    phone_numbers=(
        "+61 2 5550 ####",
        "+61 7 7010 ####",
        "+44 7700 900###",
        "+44 1632 960###",
        "+1-206-555-01##",
    ),
    github_share=0.05,
)  # fmt: skip

COMPANIES = (LUMEN_HARBOR, TESSERA_HEALTH, ORIOLE_FREIGHT)
