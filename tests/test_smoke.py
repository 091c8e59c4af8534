from __future__ import annotations


def test_a_department_can_be_posted_and_read(api):
    response = api.post("/api/v1/departments/", {"id": 1, "department": "Sales"}, format="json")

    assert response.status_code == 201
    assert api.get("/api/v1/departments/1/").json() == {"id": 1, "department": "Sales"}
